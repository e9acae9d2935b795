using Omnisight.Kernel;

namespace Omnisight.Cli.Channels;

/// <summary>A channel as it was met.</summary>
internal sealed record SurveyedChannel(ChannelEntry Entry, string Transport, double? Hz, double? AgeMs);

/// <summary>Looks at every channel of the instance, twice when rates are wanted.</summary>
internal sealed class ChannelSurvey(NodeTools tools)
{
    /// <summary>Long enough for two values of a channel with one a second.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(1.1);

    public async Task<IReadOnlyList<SurveyedChannel>> Look(TimeSpan window, TimeProvider time, CancellationToken stop)
    {
        var before = tools.ListChannels().ToLookup(Key);
        if (window > TimeSpan.Zero)
        {
            await Task.Delay(window, time, stop);
        }

        var now = MonotonicClock.NowNs(time);
        return [.. tools.ListChannels().OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => new SurveyedChannel(
            e, e.Transport, Rate(before[Key(e)].FirstOrDefault(), e), e.PublishedMonoNs == 0 ? null : Math.Max(0, now - e.PublishedMonoNs) / 1e6))];
    }

    private static (string Name, string Path) Key(ChannelEntry entry) => (entry.Name, entry.Path);

    private static double? Rate(ChannelEntry? before, ChannelEntry after) =>
        before is null || before.Epoch != after.Epoch || after.Sequence <= before.Sequence || after.PublishedMonoNs <= before.PublishedMonoNs
            ? null
            : (after.Sequence - before.Sequence) * 1e9 / (after.PublishedMonoNs - before.PublishedMonoNs);
}
