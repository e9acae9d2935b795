using System.Diagnostics;

namespace Omnisight.Fuzz;

/// <summary>Blind mutation: changes, cuts and doubles of the seeds, half of them mended. Writes the input of a find to a file.</summary>
internal static class Mutation
{
    public static int Run(IFuzzTarget target, TimeSpan duration)
    {
        var seeds = target.Seeds().ToArray();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        long runs = 0;
        while (clock.Elapsed < duration)
        {
            var input = Mutate(seeds[random.Next(seeds.Length)], random);
            if (random.Next(2) == 0)
            {
                target.Mend(input);
            }

            try
            {
                target.Run(input);
                runs++;
            }
            catch (Exception e)
            {
                var file = Path.Combine(Path.GetTempPath(), $"omnisight-fuzz-{target.Name}-{seed}-{runs}.bin");
                File.WriteAllBytes(file, input);
                Console.Error.WriteLine($"{target.Name}: {e}\ninput kept in {file}; run it again with: Omnisight.Fuzz {target.Name} replay {file}");
                return 1;
            }
        }

        Console.WriteLine($"{target.Name}: {runs} inputs in {clock.Elapsed.TotalSeconds:f0} s, no finds (seed {seed})");
        return 0;
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var input = seed.ToArray();
        for (var i = random.Next(1, 8); i > 0 && input.Length > 0; i--)
        {
            var at = random.Next(input.Length);
            switch (random.Next(5))
            {
                case 0:
                    input[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    input[at] = (byte)random.Next(256);
                    break;
                case 2:
                    var interesting = (uint[])[0, 1, 0x7F800000, 0x7FC00000, 0xFFFFFFFF, 0x80000000, 51];
                    BitConverter.TryWriteBytes(input.AsSpan(at), interesting[random.Next(interesting.Length)]);
                    break;
                case 3:
                    input = input[..at];
                    break;
                default:
                    input = [.. input[..at], .. input[random.Next(input.Length)..]];
                    break;
            }
        }

        return input;
    }
}
