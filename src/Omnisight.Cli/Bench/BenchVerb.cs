using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Omnisight.Cli.Output;
using Omnisight.Cli.Verbs;

namespace Omnisight.Cli.Bench;

/// <summary><c>omnisight bench [CHANNEL --readers N -n N --mode safe|map|lease --wait blocking|async --pin --long-slices --plot FILE.png]</c></summary>
internal static class BenchVerb
{
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
        var rate = new Option<int?>("--rate") { Description = "Frames a second: 1000, or 30 of video, unless said.", HelpName = "HZ" };
        var pin = new Option<bool>("--pin") { Description = "Publisher on the first core, all receivers on the second." };
        var longSlices = new Option<bool>("--long-slices") { Description = "Receivers keep the scheduler's usual time slices instead of asking for short ones." };
        var elements = new Option<int>("--elements") { Description = "Elements in a frame.", HelpName = "N", DefaultValueFactory = _ => 50 };
        var plot = new Option<string?>("--plot") { Description = "Write the latency curve as an image.", HelpName = "FILE.png" };
        var role = new Option<string?>("--role") { Hidden = true };
        var bench = host.Verb("bench", "Measure the shared-memory transport with real processes, each figure beside its floor of the same run.",
            [channel, readers, frames, mode, wait, rate, elements, pin, longSlices, plot, role],
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
                    Rate = AtLeastOne("--rate", args.GetValue(rate) ?? (args.GetValue(channel) == "video" ? 30 : 1000)),
                    Pin = args.GetValue(pin),
                    LongSlices = args.GetValue(longSlices),
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
        WarmCode.Require();
        try
        {
            await using var tools = await BenchNode.Open(session, settings);
            var transport = BenchNode.Transport(tools);
            var channel = BenchChannel.For(settings);
            if (IsDebug)
            {
                session.Print.Line("note: this is a Debug build; figures are higher than those of: dotnet run -c Release --project src/Omnisight.Cli -- bench");
            }

            session.Print.Line($"measuring {settings.Channel}, {settings.Frames} frames at {settings.Rate} Hz, {settings.Readers} reader(s) ...");
            var cost = await CostRun.Measure(transport, channel, settings, session.Stop);
            var latency = await LatencyRun.Measure(channel, transport, settings, name => ["bench", .. settings.ToArguments(), "--role", name, .. BenchNode.Forwarded(session)], session.Stop);
            var result = new BenchResult(settings, cost, latency, channel.Sample().Length);
            Show(session.Print, result);
            if (plot is not null)
            {
                BenchPlot.Save(result, plot);
                session.Print.Line($"plot: {plot}");
            }

            // A newest-value channel may skip frames; one that delivers none, or a wrong one, has failed.
            return latency.Readers.Latency.Count > 0 && latency.Readers.Torn + latency.Readers.Backward + latency.Readers.Crc == 0 ? ExitCode.Ok : ExitCode.CheckFailed;
        }
        finally
        {
            BenchNode.Clean(settings.Instance);
        }
    }

    private static async Task<int> Play(Session session, BenchSettings settings, string role)
    {
        if (settings.Pin)
        {
            BenchNative.Pin(BenchNative.ReceiverCore);
        }

        var channel = BenchChannel.For(settings);
        using var page = new BenchPage(settings.PagePath, channel);
        if (role is "handover" or "carrying")
        {
            if (!settings.LongSlices)
            {
                BenchSlices.AskForShort();
            }

            HandoverRole.Run(page, role == "carrying" ? HandoverRole.Carrying : HandoverRole.Bare, session.Print.Out);
            return ExitCode.Ok;
        }

        await using var tools = await BenchNode.Open(session, settings);
        await using var reader = channel.OpenReader(BenchNode.Transport(tools), settings.Mode);
        await ReaderRole.Run(reader, page, settings.Wait, session.Print.Out, session.Stop);
        return ExitCode.Ok;
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
            $"{met.Latency.Count} frames of {result.FrameBytes} bytes received, {result.Latency.Lost} lost; torn {met.Torn}, crc {met.Crc}, gaps {met.Gaps}, backward {met.Backward}; {result.Latency.IpcBytes} bytes of shared memory"));
        print.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"resident: publisher {result.Latency.ResidentBytes >> 20} MB, reader {met.ResidentBytes >> 20} MB"));
    }

    internal static int AtLeastOne(string option, int value) =>
        value >= 1 ? value : throw new CliException(ExitCode.Usage, $"{option} is {value}; it must be at least 1");
}
