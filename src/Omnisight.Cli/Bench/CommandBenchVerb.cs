using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Omnisight.Cli.Output;
using Omnisight.Cli.Verbs;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Bench;

/// <summary><c>omnisight bench commands [-n N]</c>: PING from one process to another and back, beside a bare FIFO echo in the same run.</summary>
internal static class CommandBenchVerb
{
    private static readonly Column[] Columns = [new("what"), new("p50 us"), new("p99 us"), new("max us"), new("ratio")];

    public static CliVerb Make(VerbHost host)
    {
        var count = new Option<int>("-n", "--count") { Description = "Round trips.", HelpName = "N", DefaultValueFactory = _ => 10_000 };
        var role = new Option<string?>("--role") { Hidden = true };
        var directory = new Option<string?>("--directory") { Hidden = true };
        return host.Verb("commands", "Measure the round trip of a command over FIFOs, client process to core process and back.", [count, role, directory], session =>
        {
            var args = session.Arguments;
            return (args.GetValue(role), args.GetValue(directory)) switch
            {
                ("core", { } path) => Serve(session, path),
                ("echo", { } path) => Task.FromResult(FifoEcho.Serve(path)),
                _ => Run(session, Math.Max(1, args.GetValue(count))),
            };
        });
    }

    private static async Task<int> Run(Session session, int count)
    {
        var directory = Directory.CreateTempSubdirectory("omnisight-bench-").FullName;
        var instance = $"bench-{Environment.ProcessId}";
        try
        {
            using var echo = BenchPeer.Start(Arguments("echo"));
            using var core = BenchPeer.Start(Arguments("core"));
            await echo.Ready(session.Stop);
            await core.Ready(session.Stop);
            await using var tools = await Open(session, instance, directory);
            session.Print.Line($"measuring {count} commands ...");
            var result = await CommandBench.Measure(Fifo(tools), directory, count, session.Stop);
            Show(session.Print, result);
            return result.Lost + result.Wrong == 0 ? ExitCode.Ok : ExitCode.CheckFailed;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        IEnumerable<string> Arguments(string role) =>
        [
            "bench", "commands", "--role", role, "--directory", directory, "--instance", instance,
            .. session.Arguments.GetValue(GlobalOptions.Config) is { } file ? ["--config", file] : Array.Empty<string>(),
            .. (session.Arguments.GetValue(GlobalOptions.Set) ?? []).SelectMany(s => new[] { "--set", s }),
        ];
    }

    private static async Task<int> Serve(Session session, string directory)
    {
        await using var tools = await Open(session, session.Arguments.GetValue(GlobalOptions.Instance) ?? "bench", directory);
        await CommandBench.Serve(Fifo(tools), session.Stop);
        return ExitCode.Ok;
    }

    /// <summary>An instance and a directory of its own, so that a node that runs is not disturbed.</summary>
    private static async Task<NodeTools> Open(Session session, string instance, string directory)
    {
        var configuration = NodeConfiguration.Load(new ConfigurationSources
        {
            File = session.Arguments.GetValue(GlobalOptions.Config),
            Environment = session.Surroundings.Environment,
            Instance = instance,
            Set = [.. session.Arguments.GetValue(GlobalOptions.Set) ?? [], $"RuntimeDirectory={directory}"],
            DefaultPluginsDirectory = PluginsDirectory.Find(AppContext.BaseDirectory),
        });
        return await NodeTools.OpenAsync(session.Settings(session.Loggers(LogLevel.Error)) with { Configuration = configuration });
    }

    private static ITransport Fifo(NodeTools tools) => tools.Transport("fifo")
        ?? throw new CliException(ExitCode.Usage, "the plugin Transport.Fifo is not there; build it (dotnet build plugins/Transport.Fifo) or set Plugins:Directory");

    private static void Show(Printer print, CommandBenchResult result)
    {
        if (print.IsJson)
        {
            print.Json(result.WriteJson);
            return;
        }

        print.Table(Columns, [.. result.Rows()]);
        print.Line(string.Create(CultureInfo.InvariantCulture, $"{result.Blocking.Count} commands; lost {result.Lost}, wrong {result.Wrong}"));
    }
}
