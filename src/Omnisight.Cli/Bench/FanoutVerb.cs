using System.CommandLine;
using System.Globalization;
using Omnisight.Cli.Output;
using Omnisight.Cli.Verbs;

namespace Omnisight.Cli.Bench;

/// <summary><c>omnisight bench fan-out [--readers N --mode safe|map]</c>: what a publish and a read cost with one reader that polls, and with N.</summary>
internal static class FanoutVerb
{
    private static readonly Column[] Columns = [new("what"), new("readers"), new("p50 ns"), new("p99 ns"), new("ratio")];

    public static CliVerb Make(VerbHost host)
    {
        var readers = new Option<int>("--readers") { Description = "Reader processes that poll.", HelpName = "N", DefaultValueFactory = _ => 32 };
        var mode = new Option<BenchMode>("--mode") { Description = "How readers read: safe, map or lease.", DefaultValueFactory = _ => BenchMode.Map };
        var role = new Option<int?>("--role") { Hidden = true };
        return host.Verb("fan-out", "Measure whether publishing and reading cost more with many readers that poll than with one.", [readers, mode, role], session =>
        {
            var args = session.Arguments;
            var settings = new BenchSettings
            {
                Instance = args.GetValue(role) is null ? $"bench-{Environment.ProcessId}" : args.GetValue(GlobalOptions.Instance) ?? "bench",
                Channel = "detections",
                Readers = BenchVerb.AtLeastOne("--readers", args.GetValue(readers)),
                Mode = args.GetValue(mode),
            };
            return args.GetValue(role) is { } index ? Poll(session, settings, index) : Run(session, settings);
        });
    }

    private static async Task<int> Run(Session session, BenchSettings settings)
    {
        WarmCode.Require();
        try
        {
            await using var tools = await BenchNode.Open(session, settings);
            session.Print.Line($"measuring 1 and {settings.Readers} readers that poll ...");
            var run = await FanoutRun.Measure(BenchChannel.For(settings), BenchNode.Transport(tools), settings, Arguments, session.Stop);
            Show(session.Print, settings, run);
            return run.Reads.Flaws == 0 && run.Reads.One.Count > 0 && run.Reads.All.Count > 0 ? ExitCode.Ok : ExitCode.CheckFailed;
        }
        finally
        {
            BenchNode.Clean(settings.Instance);
        }

        IEnumerable<string> Arguments(int index) =>
        [
            "bench", "fan-out", "--role", index.ToString(CultureInfo.InvariantCulture), "--instance", settings.Instance,
            "--mode", settings.Mode.ToString().ToLowerInvariant(), .. BenchNode.Forwarded(session),
        ];
    }

    private static async Task<int> Poll(Session session, BenchSettings settings, int index)
    {
        var channel = BenchChannel.For(settings);
        using var page = new BenchPage(settings.PagePath, channel);
        await using var tools = await BenchNode.Open(session, settings);
        await using var reader = channel.OpenReader(BenchNode.Transport(tools), settings.Mode);
        PollerRole.Run(reader, page, (uint)index, session.Print.Out, session.Stop);
        return ExitCode.Ok;
    }

    private static void Show(Printer print, BenchSettings settings, FanoutRun run)
    {
        var publish = run.AmongAll.At(50) / run.WithOne.At(50);
        var read = run.Reads.All.At(50) / run.Reads.One.At(50);
        if (print.IsJson)
        {
            print.Json(json =>
            {
                json.WriteString("mode", settings.Mode.ToString().ToLowerInvariant());
                json.WriteNumber("readers", settings.Readers);
                BenchResult.Percentiles(json, "publish_one_ns", run.WithOne, 1);
                BenchResult.Percentiles(json, "publish_all_ns", run.AmongAll, 1);
                json.WriteNumber("publish_ratio", Math.Round(publish, 3));
                BenchResult.Percentiles(json, "read_one_ns", run.Reads.One, 1);
                BenchResult.Percentiles(json, "read_all_ns", run.Reads.All, 1);
                json.WriteNumber("read_ratio", Math.Round(read, 3));
                json.WriteNumber("flaws", run.Reads.Flaws);
            });
            return;
        }

        print.Table(Columns,
        [
            ["publish", 1, run.WithOne.At(50), run.WithOne.At(99), null],
            ["publish", settings.Readers, run.AmongAll.At(50), run.AmongAll.At(99), Math.Round(publish, 2)],
            ["read", 1, run.Reads.One.At(50), run.Reads.One.At(99), null],
            ["read", settings.Readers, run.Reads.All.At(50), run.Reads.All.At(99), Math.Round(read, 2)],
        ]);
        print.Line(string.Create(CultureInfo.InvariantCulture, $"{run.Reads.One.Count + run.Reads.All.Count} reads timed; torn or backward {run.Reads.Flaws}"));
    }
}
