using System.CommandLine;
using Omnisight.Cli.Channels;
using Omnisight.Cli.Output;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight hz CHANNEL</c></summary>
internal static class HzVerb
{
    private static readonly Column[] Columns =
        [new("channel"), new("hz"), new("min_ms"), new("max_ms"), new("deviation_ms"), new("values"), new("gaps"), new("torn"), new("crc"), new("resets")];

    public static CliVerb Make(VerbHost host)
    {
        var (channel, duration) = WatchOptions.Make();
        return host.Verb("hz", "Measure a channel's rate, its evenness, and what was lost.", [channel, duration], async session =>
        {
            var name = session.Arguments.GetRequiredValue(channel);
            await using var tools = await session.OpenTools();
            ChannelInput.RefuseToSteal(tools, name, "measuring", $"; look at its messages with: omnisight echo {name} --steal");
            await using var watch = new ChannelWatch(session, tools, name);
            var intervals = new RunningStatistics();
            var last = default(SampleInfo);
            await watch.Run(Numbers.Seconds("--duration", session.Arguments.GetValue(duration)), info =>
            {
                // Between two values that follow each other: a gap would count as a long interval.
                if (last.Sequence != 0 && info.Epoch == last.Epoch && info.Sequence > last.Sequence)
                {
                    intervals.Add((info.PublishedMonoNs - last.PublishedMonoNs) / 1e6 / (info.Sequence - last.Sequence));
                }

                last = info;
            });
            var counters = watch.Counters;
            session.Print.Table(Columns,
            [
                [
                    name, intervals.Count == 0 ? null : 1000 / intervals.Mean, Finite(intervals.Minimum), Finite(intervals.Maximum), intervals.Deviation,
                    counters.Values, counters.Lost, counters.Torn, counters.Rejects(RejectReason.Crc), counters.Resets,
                ],
            ]);
            return ExitCode.Ok;
        });
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
