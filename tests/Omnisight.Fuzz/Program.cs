using System.Globalization;
using Omnisight.Fuzz;
using SharpFuzz;

// Omnisight.Fuzz TARGET afl -              inputs from afl-fuzz, over an instrumented build (fuzz.sh)
// Omnisight.Fuzz TARGET seeds DIRECTORY    writes the inputs to start from
// Omnisight.Fuzz TARGET mutate SECONDS     blind mutations of the seeds; needs no instrumentation
// Omnisight.Fuzz TARGET replay FILE...     runs inputs again
if (args.Length < 3 || Targets.All.FirstOrDefault(t => t.Name == args[0]) is not { } target)
{
    Console.Error.WriteLine($"usage: Omnisight.Fuzz {string.Join('|', Targets.All.Select(t => t.Name))} afl - | seeds DIRECTORY | mutate SECONDS | replay FILE...");
    return 2;
}

switch (args[1])
{
    case "afl":
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            target.Run(copy.GetBuffer().AsSpan(0, (int)copy.Length));
        });
        return 0;
    case "seeds":
        Directory.CreateDirectory(args[2]);
        foreach (var (seed, i) in target.Seeds().Select((seed, i) => (seed, i)))
        {
            File.WriteAllBytes(Path.Combine(args[2], i.ToString("d3", CultureInfo.InvariantCulture)), seed);
        }

        return 0;
    case "mutate":
        return Mutation.Run(target, TimeSpan.FromSeconds(double.Parse(args[2], CultureInfo.InvariantCulture)));
    case "replay":
        foreach (var file in args[2..])
        {
            target.Run(File.ReadAllBytes(file));
            Console.WriteLine($"{file}: ok");
        }

        return 0;
    default:
        Console.Error.WriteLine($"'{args[1]}' is not afl, seeds, mutate or replay");
        return 2;
}
