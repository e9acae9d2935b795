using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Omnisight.Cli.Output;
using Omnisight.Cli.Verbs;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Bench;

/// <summary><c>omnisight bench commands [-n N] [--clients N]</c>: PING from a client process to a node and back, beside a bare FIFO echo in the same run; then many clients at once.</summary>
internal static class CommandBenchVerb
{
    private static readonly Column[] Columns = [new("what"), new("p50 us"), new("p99 us"), new("max us"), new("ratio")];

    public static CliVerb Make(VerbHost host)
    {
        var count = new Option<int>("-n", "--count") { Description = "Round trips.", HelpName = "N", DefaultValueFactory = _ => 10_000 };
        var clients = new Option<int>("--clients") { Description = "Client processes that then send as many commands each, all at once.", HelpName = "N", DefaultValueFactory = _ => 4 };
        var role = new Option<string?>("--role") { Hidden = true };
        var directory = new Option<string?>("--directory") { Hidden = true };
        return host.Verb("commands", "Measure the round trip of a command over FIFOs, client process to core process and back.", [count, clients, role, directory], session =>
        {
            var args = session.Arguments;
            return (args.GetValue(role), args.GetValue(directory)) switch
            {
                ("core", { } path) => Serve(session, path),
                ("client", { } path) => Send(session, path, args.GetValue(count)),
                ("echo", { } path) => Task.FromResult(FifoEcho.Serve(path)),
                _ => Run(session, BenchVerb.AtLeastOne("-n", args.GetValue(count)), Math.Max(0, args.GetValue(clients))),
            };
        });
    }

    private static async Task<int> Run(Session session, int count, int clients)
    {
        WarmCode.Require();
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
            result = result with { Clients = (clients, clients * count) };
            await Crowd(result, [.. Enumerable.Range(0, clients).Select(_ => BenchPeer.Start([.. Arguments("client"), "-n", count.ToString(CultureInfo.InvariantCulture)]))], session.Stop);
            Show(session.Print, result);
            return result.Flaws.Lost + result.Flaws.Wrong == 0 ? ExitCode.Ok : ExitCode.CheckFailed;
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

    private static async Task Crowd(CommandBenchResult result, List<BenchPeer> peers, CancellationToken stop)
    {
        try
        {
            foreach (var peer in peers)
            {
                await peer.Ready(stop);
            }

            peers.ForEach(p => p.Begin());
            foreach (var peer in peers)
            {
                var found = (await peer.Report(stop)).Split(' ');
                result.Flaws.Add(int.Parse(found[0], CultureInfo.InvariantCulture), int.Parse(found[1], CultureInfo.InvariantCulture));
            }
        }
        finally
        {
            peers.ForEach(p => p.Dispose());
        }
    }

    private static async Task<int> Serve(Session session, string directory)
    {
        await using var core = new Node(Settings(session, session.Arguments.GetValue(GlobalOptions.Instance) ?? "bench", directory));
        await CommandBench.Serve(core, session.Stop);
        return ExitCode.Ok;
    }

    private static async Task<int> Send(Session session, string directory, int count)
    {
        await using var tools = await Open(session, session.Arguments.GetValue(GlobalOptions.Instance) ?? "bench", directory);
        await CommandBench.Crowd(Fifo(tools), count, session.Stop);
        return ExitCode.Ok;
    }

    private static Task<NodeTools> Open(Session session, string instance, string directory) => NodeTools.OpenAsync(Settings(session, instance, directory));

    /// <summary>An instance and a directory of its own, so that a node that runs is not disturbed.</summary>
    private static NodeSettings Settings(Session session, string instance, string directory)
    {
        var configuration = NodeConfiguration.Load(new ConfigurationSources
        {
            File = session.Arguments.GetValue(GlobalOptions.Config),
            Environment = session.Surroundings.Environment,
            Instance = instance,
            Set =
            [
                .. session.Arguments.GetValue(GlobalOptions.Set) ?? [], $"RuntimeDirectory={directory}",
                "Plugins:Use=bench", "Plugins:Sets:bench=Transport.Fifo,Transport.JsonFile", "Commands:Serve=true", "Commands:Rate=0",
                "Channels:commands:Transport=fifo", "Channels:acks:Transport=fifo",
            ],
            DefaultPluginsDirectory = PluginsDirectory.Find(AppContext.BaseDirectory),
        });
        return session.Settings(session.Loggers(LogLevel.Error)) with { Configuration = configuration };
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
        print.Line(string.Create(CultureInfo.InvariantCulture, $"{result.Blocking.Count} commands of one client, {result.Clients.Commands} of {result.Clients.Count} at once; lost {result.Flaws.Lost}, wrong {result.Flaws.Wrong}"));
    }
}
