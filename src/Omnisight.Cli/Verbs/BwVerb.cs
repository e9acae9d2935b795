using System.CommandLine;
using Omnisight.Cli.Channels;
using Omnisight.Cli.Output;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight bw CHANNEL</c></summary>
internal static class BwVerb
{
    private static readonly Column[] Columns =
    [
        new("channel"), new("bytes_per_s", v => Column.Bytes(v) + "/s", "bandwidth"), new("mean_bytes", Column.Bytes, "mean"),
        new("min_bytes", Column.Bytes, "min"), new("max_bytes", Column.Bytes, "max"), new("values"),
    ];

    public static CliVerb Make(VerbHost host)
    {
        var (channel, duration) = WatchOptions.Make();
        return host.Verb("bw", "Measure how many payload bytes a channel carries.", [channel, duration], async session =>
        {
            var name = session.Arguments.GetRequiredValue(channel);
            await using var tools = await session.OpenTools();
            ChannelInput.RefuseToSteal(tools, name, "measuring", $"; look at its messages with: omnisight echo {name} --steal");
            await using var watch = new ChannelWatch(session, tools, name);
            var sizes = new RunningStatistics();
            var (first, last) = (0L, 0L);
            var firstBytes = 0;
            await watch.Run(Numbers.Seconds("--duration", session.Arguments.GetValue(duration)), info =>
            {
                if (sizes.Count == 0)
                {
                    (first, firstBytes) = (info.PublishedMonoNs, watch.PayloadBytes);
                }

                last = info.PublishedMonoNs;
                sizes.Add(watch.PayloadBytes);
            });

            // From one publish to the last: the bytes of the first lie before the span.
            var rate = last > first ? ((sizes.Mean * sizes.Count) - firstBytes) * 1e9 / (last - first) : (double?)null;
            session.Print.Table(Columns, [[name, rate, sizes.Mean, sizes.Minimum, sizes.Maximum, sizes.Count]]);
            return ExitCode.Ok;
        });
    }
}
