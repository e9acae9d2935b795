using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Omnisight.Cli.Output;
using Omnisight.Cli.Verbs;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Bench;

/// <summary><c>omnisight bench [CHANNEL --readers N -n N --mode safe|map|lease --wait blocking|async --plot FILE.png]</c></summary>
internal static class BenchVerb
{
    private const int CostRounds = 20_000;
    private const int CostRoundsOfImages = 200;

    private static readonly Column[] Columns =
        [new("what"), new("unit"), new("p50"), new("p95"), new("p99"), new("p99.9"), new("max"), new("floor"), new("ratio")];

    private static bool IsDebug =>
        typeof(BenchVerb).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true;

    public static CliVerb Make(VerbHost host, params CliVerb[] others)
    {
        var channel = new Argument<string>("CHANNEL") { Description = "detections, tracks, timelines or video.", DefaultValueFactory = _ => "detections" };
        var readers = new Option<int>("--readers") { Description = "Reader processes.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var frames = new Option<int>("-n", "--frames") { Description = "Frames whose way is timed.", HelpName = "N", DefaultValueFactory = _ => 5000 };
        var mode = new Option<BenchMode>("--mode") { Description = "How readers read: safe, map or lease.", DefaultValueFactory = _ => BenchMode.Safe };
        var wait = new Option<BenchWait>("--wait") { Description = "How readers wait: blocking, or async on the shared waiter thread.", DefaultValueFactory = _ => BenchWait.Blocking };
        var rate = new Option<int>("--rate") { Description = "Frames a second.", HelpName = "HZ", DefaultValueFactory = _ => 1000 };
        var elements = new Option<int>("--elements") { Description = "Elements in a frame.", HelpName = "N", DefaultValueFactory = _ => 50 };
        var plot = new Option<string?>("--plot") { Description = "Write the latency curve as an image.", HelpName = "FILE.png" };
        var role = new Option<string?>("--role") { Hidden = true };
        var bench = host.Verb("bench", "Measure the shared-memory transport with real processes, each figure beside its floor of the same run.",
            [channel, readers, frames, mode, wait, rate, elements, plot, role],
            session =>
            {
                var args = session.Arguments;
                var settings = new BenchSettings
                {
                    Instance = args.GetValue(role) is null ? $"bench-{Environment.ProcessId}" : args.GetValue(GlobalOptions.Instance) ?? "bench",
                    Channel = args.GetRequiredValue(channel),
                    Readers = AtLeastOne("--readers", args.GetValue(readers)),
                    Frames = AtLeastOne("-n", args.GetValue(frames)),
                    Mode = args.GetValue(mode),
                    Wait = args.GetValue(wait),
                    Rate = AtLeastOne("--rate", args.GetValue(rate)),
                    Elements = AtLeastOne("--elements", args.GetValue(elements)),
                };
                return args.GetValue(role) is { } name ? Play(session, settings, name) : Run(session, settings, args.GetValue(plot));
            });
        foreach (var other in others)
        {
            bench.Add(other);
        }

        return bench;
    }

    private static async Task<int> Run(Session session, BenchSettings settings, string? plot)
    {
        try
        {
            await using var tools = await Open(session, settings);
            var transport = Transport(tools);
            var channel = BenchChannel.For(settings);
            if (IsDebug)
            {
                session.Print.Line("note: this is a Debug build; figures are higher than those of: dotnet run -c Release --project src/Omnisight.Cli -- bench");
            }

            session.Print.Line($"measuring {settings.Channel}, {settings.Frames} frames at {settings.Rate} Hz, {settings.Readers} reader(s) ...");
            var cost = await CostRun.Measure(
                transport, channel, settings.Instance, settings.Mode, channel is BenchVideo ? CostRoundsOfImages : CostRounds, session.Stop);
            var latency = await LatencyRun.Measure(channel, transport, settings, name => ["bench", .. settings.ToArguments(), "--role", name, .. Forwarded(session)], session.Stop);
            var result = new BenchResult(settings, cost, latency, channel.Sample().Length);
            Show(session.Print, result);
            if (plot is not null)
            {
                BenchPlot.Save(result, plot);
                session.Print.Line($"plot: {plot}");
            }

            return latency.Readers.Torn + latency.Readers.Backward + latency.Readers.Crc == 0 ? ExitCode.Ok : ExitCode.CheckFailed;
        }
        finally
        {
            foreach (var pattern in new[] { $".{settings.Instance}_*.lock", $"sem.{settings.Instance}_*", $".{settings.Instance}.handover" })
            {
                foreach (var file in Directory.EnumerateFiles("/dev/shm", pattern, new EnumerationOptions { AttributesToSkip = 0 }))
                {
                    File.Delete(file);
                }
            }
        }
    }

    private static async Task<int> Play(Session session, BenchSettings settings, string role)
    {
        if (role.Split(':', 2) is ["handover", var page])
        {
            HandoverRole.Run(page, session.Print.Out);
            return ExitCode.Ok;
        }

        await using var tools = await Open(session, settings);
        await ReaderRole.Run(Transport(tools), settings, session.Print.Out, session.Stop);
        return ExitCode.Ok;
    }

    private static async Task<NodeTools> Open(Session session, BenchSettings settings)
    {
        var args = session.Arguments;
        var loggers = session.Loggers(LogLevel.Error);
        var configuration = NodeConfiguration.Load(new ConfigurationSources
        {
            File = args.GetValue(GlobalOptions.Config),
            Environment = session.Surroundings.Environment,
            Instance = settings.Instance,
            Set = [.. args.GetValue(GlobalOptions.Set) ?? [], $"Transport.Shm:ReadMode={(settings.Mode == BenchMode.Safe ? "safe" : "map")}"],
            DefaultPluginsDirectory = PluginsDirectory.Find(AppContext.BaseDirectory),
        });
        return await NodeTools.OpenAsync(session.Settings(loggers) with { Configuration = configuration });
    }

    private static ITransport Transport(NodeTools tools) => tools.Transport("shm")
        ?? throw new CliException(ExitCode.Usage, "the plugin Transport.Shm is not there; build it (dotnet build plugins/Transport.Shm) or set Plugins:Directory");

    private static IEnumerable<string> Forwarded(Session session)
    {
        if (session.Arguments.GetValue(GlobalOptions.Config) is { } file)
        {
            yield return "--config";
            yield return file;
        }

        foreach (var setting in session.Arguments.GetValue(GlobalOptions.Set) ?? [])
        {
            yield return "--set";
            yield return setting;
        }
    }

    private static void Show(Printer print, BenchResult result)
    {
        if (print.IsJson)
        {
            print.Json(result.WriteJson);
            return;
        }

        print.Table(Columns, [.. result.Rows()]);
        var met = result.Latency.Readers;
        print.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{met.Latency.Count} frames of {result.FrameBytes} bytes received; torn {met.Torn}, crc {met.Crc}, gaps {met.Gaps}, backward {met.Backward}; {result.Latency.IpcBytes} bytes of shared memory"));
    }

    private static int AtLeastOne(string option, int value) =>
        value >= 1 ? value : throw new CliException(ExitCode.Usage, $"{option} is {value}; it must be at least 1");
}
