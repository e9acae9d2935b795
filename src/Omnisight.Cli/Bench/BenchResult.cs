using System.Text.Json;

namespace Omnisight.Cli.Bench;

/// <summary>What a benchmark found.</summary>
internal sealed record BenchResult(BenchSettings Settings, CostRun Cost, LatencyRun Latency, int FrameBytes)
{
    /// <summary>One object; every figure has its floor and the ratio to it beside it.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("channel", Settings.Channel);
        json.WriteString("mode", Name(Settings.Mode));
        json.WriteString("wait", Name(Settings.Wait));
        json.WriteBoolean("pinned", Settings.Pin);
        json.WriteNumber("readers", Settings.Readers);
        json.WriteNumber("frames", Settings.Frames);
        json.WriteNumber("frame_bytes", FrameBytes);
        Percentiles(json, "publish_ns", Cost.Publish, 1);
        Percentiles(json, "publish_floor_ns", Cost.PublishFloor, 1);
        Ratio(json, "publish_ratio", Cost.Publish, Cost.PublishFloor, 50);
        Percentiles(json, "read_ns", Cost.Read, 1);
        Percentiles(json, "read_floor_ns", Cost.ReadFloor, 1);
        Ratio(json, "read_ratio", Cost.Read, Cost.ReadFloor, 50);
        Percentiles(json, "lease_ns", Cost.Lease, 1);
        Ratio(json, "lease_ratio", Cost.Lease, Cost.ReadFloor, 50);
        Percentiles(json, "latency_us", Latency.Readers.Latency, 1000);
        Percentiles(json, "handover_us", Latency.Handover.Latency, 1000);
        Ratio(json, "latency_ratio_p50", Latency.Readers.Latency, Latency.Handover.Latency, 50);
        Ratio(json, "latency_ratio_p99", Latency.Readers.Latency, Latency.Handover.Latency, 99);
        Percentiles(json, "carrying_us", Latency.Carrying.Latency, 1000);
        Ratio(json, "latency_ratio_carrying_p50", Latency.Readers.Latency, Latency.Carrying.Latency, 50);
        Ratio(json, "latency_ratio_carrying_p99", Latency.Readers.Latency, Latency.Carrying.Latency, 99);
        Percentiles(json, "added_us", Latency.Readers.Added, 1000);
        Percentiles(json, "paced_publish_ns", Latency.Publish, 1);
        Percentiles(json, "paced_publish_floor_ns", Latency.PublishFloor, 1);
        Ratio(json, "paced_publish_ratio", Latency.Publish, Latency.PublishFloor, 50);
        Percentiles(json, "take_ns", Latency.Readers.Take, 1);
        Percentiles(json, "take_floor_ns", Latency.Carrying.Take, 1);
        Ratio(json, "take_ratio", Latency.Readers.Take, Latency.Carrying.Take, 50);
        json.WriteStartObject("rss_bytes");
        json.WriteNumber("publisher", Latency.ResidentBytes);
        json.WriteNumber("reader", Latency.Readers.ResidentBytes);
        json.WriteEndObject();
        json.WriteNumber("lost", Latency.Lost);
        json.WriteNumber("received", Latency.Readers.Latency.Count);
        json.WriteNumber("torn", Latency.Readers.Torn);
        json.WriteNumber("crc", Latency.Readers.Crc);
        json.WriteNumber("gaps", Latency.Readers.Gaps);
        json.WriteNumber("backward", Latency.Readers.Backward);
        json.WriteNumber("ipc_bytes", Latency.IpcBytes);
    }

    /// <summary>Name, percentiles, floor and ratio, for people.</summary>
    public IEnumerable<object?[]> Rows()
    {
        yield return Row("publish", "ns", Cost.Publish, 1, Cost.PublishFloor);
        yield return Row("publish, paced, waking readers", "ns", Latency.Publish, 1, Latency.PublishFloor);
        yield return Row($"read ({Name(Settings.CostMode)})", "ns", Cost.Read, 1, Cost.ReadFloor);
        yield return Row($"read, paced ({Name(Settings.Mode)})", "ns", Latency.Readers.Take, 1, Latency.Carrying.Take);
        if (Cost.Lease.Count > 0)
        {
            yield return Row("lease + validate", "ns", Cost.Lease, 1, Cost.ReadFloor);
        }

        yield return Row($"publish to receive ({Name(Settings.Wait)}, {Settings.Readers} reader{(Settings.Readers == 1 ? "" : "s")})", "us", Latency.Readers.Latency, 1000, Latency.Handover.Latency);
        if (Latency.Readers.Added.Count > 0)
        {
            yield return Row("the same without the filling", "us", Latency.Readers.Added, 1000, Latency.Handover.Latency);
        }

        yield return Row("bare futex hand-over", "us", Latency.Handover.Latency, 1000, null);
        if (Latency.Carrying.Latency.Count > 0)
        {
            yield return Row("the same with memcpy + CRC-32 at both ends", "us", Latency.Carrying.Latency, 1000, Latency.Handover.Latency);
        }
    }

    private static object?[] Row(string what, string unit, Recorder r, double unitNs, Recorder? floor) =>
    [
        what, unit, Round(r.At(50) / unitNs), Round(r.At(95) / unitNs), Round(r.At(99) / unitNs), Round(r.At(99.9) / unitNs), Round(r.Max / unitNs),
        floor is not { Count: > 0 } ? null : Round(floor.At(50) / unitNs), floor is not { Count: > 0 } ? null : Round(r.At(50) / floor.At(50)),
    ];

    /// <summary>What an HDR histogram says of one figure, as every verb that measures says it.</summary>
    internal static void Percentiles(Utf8JsonWriter json, string name, Recorder r, double unitNs)
    {
        json.WriteStartObject(name);
        Number(json, "p50", r.At(50) / unitNs);
        Number(json, "p95", r.At(95) / unitNs);
        Number(json, "p99", r.At(99) / unitNs);
        Number(json, "p999", r.At(99.9) / unitNs);
        Number(json, "max", r.Max / unitNs);
        json.WriteNumber("count", r.Count);
        json.WriteEndObject();
    }

    private static void Ratio(Utf8JsonWriter json, string name, Recorder figure, Recorder floor, double percentile) =>
        Number(json, name, figure.At(percentile) / floor.At(percentile));

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, Round(value));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static double Round(double value) => double.IsFinite(value) ? Math.Round(value, value < 100 ? 2 : 0) : value;

    private static string Name(Enum value) => value.ToString().ToLowerInvariant();
}
