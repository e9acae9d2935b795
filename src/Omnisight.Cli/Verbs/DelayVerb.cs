using System.CommandLine;
using Omnisight.Cli.Channels;
using Omnisight.Cli.Output;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight delay CHANNEL</c></summary>
internal static class DelayVerb
{
    private static readonly Column[] Columns = [new("channel"), new("p50_us"), new("p90_us"), new("p99_us"), new("max_us"), new("values")];

    public static CliVerb Make(VerbHost host)
    {
        var (channel, duration) = WatchOptions.Make();
        return host.Verb("delay", "Measure the time from a value's publication to its arrival here.", [channel, duration], async session =>
        {
            var name = session.Arguments.GetRequiredValue(channel);
            await using var tools = await session.OpenTools();
            ChannelInput.RefuseToSteal(tools, name, "measuring", $"; look at its messages with: omnisight echo {name} --steal");
            await using var watch = new ChannelWatch(session, tools, name);
            var delays = new LatencyHistogram();
            var (seen, longest) = (0L, 0L);
            await watch.Run(Numbers.Seconds("--duration", session.Arguments.GetValue(duration)), info =>
            {
                // The value that lay there already tells its age, not the way's length.
                if (seen++ > 0)
                {
                    var delay = MonotonicClock.NowNs(session.Surroundings.Time) - info.PublishedMonoNs;
                    delays.Record(delay);
                    longest = Math.Max(longest, delay);
                }
            });
            session.Print.Table(Columns, [[name, Us(delays, 0.5), Us(delays, 0.9), Us(delays, 0.99), delays.Count == 0 ? null : longest / 1e3, delays.Count]]);
            return delays.Count > 0 ? ExitCode.Ok : throw new CliException(ExitCode.NoData, $"channel '{name}': one value only; watch longer with --duration SECONDS");
        });
    }

    private static double? Us(LatencyHistogram delays, double share) => delays.Percentile(share) / 1e3;
}
