using System.Globalization;
using System.Text.Json;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Health;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>What this API's readers see of the channels, and what the core says of its writers.</summary>
internal sealed class ChannelMetrics(ChannelFeeds feeds, NodeView node, TimeProvider time)
{
    private static readonly double[] DelayBounds = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

    public IEnumerable<MetricFamily> Families() =>
    [
        Gauge("omnisight_channel_hz", "Values a second, over the last seconds", (f, now) => f.Arrivals.RatePerSecond(now)),
        new("omnisight_channel_age_seconds", "gauge", "Age of the newest value", Ages),
        Gauge("omnisight_channel_up", "1 when a value is served and not stale", (f, now) => f.Look(now) is { Snapshot: not null, Stale: false } ? 1 : 0),
        Counter("omnisight_channel_values_total", "Values read", c => c.Values),
        Counter("omnisight_channel_bytes_total", "Payload bytes read", c => c.Bytes),
        Counter("omnisight_channel_lost_total", "Values published that this reader never saw", c => c.Lost),
        Counter("omnisight_channel_torn_total", "Reads that met a writer in the act and were tried again", c => c.Torn),
        Counter("omnisight_channel_resets_total", "New epochs met", c => c.Resets),
        new("omnisight_channel_reject_total", "counter", "Payloads that were not accepted, whatever carried them", Rejects),
        new("omnisight_channel_read_latency_seconds", "histogram", "From publish to this reader", Delays),
        new("omnisight_channel_publish_latency_seconds", "histogram", "Time to encode and publish a value, as the core measures it", PublishLatency),
    ];

    private MetricFamily Gauge(string name, string help, Func<ChannelFeed, long, double> value) => new(name, "gauge", help, () =>
    {
        var now = MonotonicClock.NowNs(time);
        return feeds.Open().Select(f => MetricSample.Of(value(f, now), ("channel", f.Channel.Name.Value)));
    });

    private MetricFamily Counter(string name, string help, Func<ChannelCounters, long> value) =>
        new(name, "counter", help, () => feeds.Open().Select(f => MetricSample.Of(value(f.Counters), ("channel", f.Channel.Name.Value))));

    private IEnumerable<MetricSample> Ages()
    {
        var now = MonotonicClock.NowNs(time);
        return feeds.Open().Where(f => f.Current is not null).Select(f => MetricSample.Of(Math.Max(0, now - f.Current!.PublishedMonoNs) / 1e9, ("channel", f.Channel.Name.Value)));
    }

    private IEnumerable<MetricSample> Rejects() =>
        from feed in feeds.Open()
        from reason in Enum.GetValues<RejectReason>()
        let count = feed.Counters.Rejects(reason)
        where reason != RejectReason.None && (count > 0 || reason == RejectReason.Crc)
        select MetricSample.Of(count, ("channel", feed.Channel.Name.Value), ("reason", new Rejection(reason).Label));

    private IEnumerable<MetricSample> Delays()
    {
        foreach (var feed in feeds.Open())
        {
            var channel = ("channel", feed.Channel.Name.Value);
            var delay = feed.Arrivals.Delay;
            foreach (var bound in DelayBounds)
            {
                yield return new MetricSample(delay.CountUpTo((long)(bound * 1e9)), "_bucket", channel, ("le", PrometheusText.Number(bound)));
            }

            var count = delay.Count;
            yield return new MetricSample(count, "_bucket", channel, ("le", "+Inf"));
            yield return new MetricSample(delay.Sum / 1e9, "_sum", channel);
            yield return new MetricSample(count, "_count", channel);
        }
    }

    private IEnumerable<MetricSample> PublishLatency()
    {
        if (node.Core("stats").Snapshot is not { } stats)
        {
            yield break;
        }

        using var document = JsonDocument.Parse(stats.Data(stale: false));
        if (!document.RootElement.TryGetProperty("ipc", out var channels) || channels.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var channel in channels.EnumerateObject())
        {
            if (channel.Value.ValueKind != JsonValueKind.Object || !channel.Value.TryGetProperty("publish_latency", out var latency)
                || latency.ValueKind != JsonValueKind.Object || !latency.TryGetProperty("le_us", out var bounds) || bounds.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var label = ("channel", channel.Name);
            foreach (var bound in bounds.EnumerateObject())
            {
                if (double.TryParse(bound.Name, NumberStyles.Float, CultureInfo.InvariantCulture, out var microseconds))
                {
                    yield return new MetricSample(Number(bound.Value), "_bucket", label, ("le", PrometheusText.Number(microseconds / 1e6)));
                }
            }

            var count = latency.TryGetProperty("count", out var total) ? Number(total) : 0;
            yield return new MetricSample(count, "_bucket", label, ("le", "+Inf"));
            yield return new MetricSample(latency.TryGetProperty("sum_us", out var sum) ? Number(sum) / 1e6 : 0, "_sum", label);
            yield return new MetricSample(count, "_count", label);
        }
    }

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;
}
