using System.Text.Json;

namespace Omnisight.Sdk;

/// <summary>The stats document (protocol section 4).</summary>
internal static class StatisticsJson
{
    public static void Write(Utf8JsonWriter json, in Statistics stats)
    {
        json.WriteStartObject("perception"u8);
        json.WriteBoolean("enabled"u8, stats.Perception.Enabled != 0);
        Number(json, "fps"u8, stats.Perception.Fps);
        Number(json, "avg_inference_ms"u8, stats.Perception.AvgInferenceMs);
        json.WriteNumber("objects_tracked"u8, stats.Perception.ObjectsTracked);
        json.WriteNumber("dropped_frames"u8, stats.Perception.DroppedFrames);
        json.WriteEndObject();
        json.WriteStartObject("timeline"u8);
        json.WriteBoolean("enabled"u8, stats.Timeline.Enabled != 0);
        json.WriteNumber("active_timelines"u8, stats.Timeline.ActiveTimelines);
        json.WriteNumber("total_events_predicted"u8, stats.Timeline.TotalEventsPredicted);
        Number(json, "avg_prediction_ms"u8, stats.Timeline.AvgPredictionMs);
        json.WriteEndObject();
        json.WriteStartObject("swarm"u8);
        json.WriteBoolean("enabled"u8, stats.Swarm.Enabled != 0);
        json.WriteNumber("num_neighbors"u8, stats.Swarm.NumNeighbors);
        Number(json, "network_health"u8, stats.Swarm.NetworkHealth);
        json.WriteNumber("tracks_shared"u8, stats.Swarm.TracksShared);
        json.WriteNumber("events_shared"u8, stats.Swarm.EventsShared);
        json.WriteEndObject();
    }

    public static void WriteChannel(Utf8JsonWriter json, string name, ChannelCounters counters, long errors)
    {
        json.WriteStartObject(name);
        json.WriteNumber("published"u8, counters.Values);
        json.WriteNumber("publish_errors"u8, errors);
        json.WriteNumber("truncated"u8, counters.Truncated);

        // What readers count: a server of this library has none.
        json.WriteNumber("read_errors"u8, 0);
        json.WriteNumber("crc_errors"u8, 0);
        json.WriteNumber("torn"u8, 0);
        json.WriteNumber("stale"u8, 0);
        Number(json, "publish_p50_us"u8, counters.PublishLatency.Percentile(0.50) / 1000);
        Number(json, "publish_p99_us"u8, counters.PublishLatency.Percentile(0.99) / 1000);
        json.WriteEndObject();
    }

    /// <summary>JSON has no form for a number that is none.</summary>
    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, Math.Round(number, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
