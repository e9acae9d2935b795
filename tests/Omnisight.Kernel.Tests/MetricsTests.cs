using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>The meter Omnisight.Node: what an exporter sees.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Channels_plugins_and_commands_are_measured_without_asking_the_data_path()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.TooNew", "Fixtures.ThrowsInRun");
        var node = await test.StartAsync();
        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "fixture-count" && c.Sequence > 2), "counts are published");
        await node.Commands.SendAsync("PING", default, TimeSpan.FromSeconds(20));
        await node.Commands.SendAsync("NO_SUCH_THING", default, TimeSpan.FromSeconds(20));

        var seen = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Omnisight.Node")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Record(seen, i, value, tags));
        listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Record(seen, i, value, tags));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Record(seen, i, value, tags));
        listener.Start();
        await Eventually.Become(
            () =>
            {
                listener.RecordObservableInstruments();
                return seen.GetValueOrDefault("omnisight.plugin.faults plugin=Fixtures.ThrowsInRun") > 0;
            },
            "the failing plugin is counted");

        seen["omnisight.channel.published channel=fixture-count"].ShouldBeGreaterThan(2);
        seen["omnisight.channel.publish_latency_us channel=fixture-count quantile=0.99"].ShouldBeGreaterThan(0);
        seen["omnisight.plugin.state plugin=Fixtures.TooNew state=not_supported"].ShouldBe(1);
        seen["omnisight.command.received "].ShouldBeGreaterThan(1);
        seen["omnisight.command.reject reason=unknown_command"].ShouldBeGreaterThan(0);
    }

    private static void Record(ConcurrentDictionary<string, double> seen, Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = $"{instrument.Name} ";
        foreach (var tag in tags)
        {
            key += $"{(key.EndsWith(' ') ? "" : " ")}{tag.Key}={tag.Value}";
        }

        seen.AddOrUpdate(key, value, (_, before) => Math.Max(before, value));
    }
}
