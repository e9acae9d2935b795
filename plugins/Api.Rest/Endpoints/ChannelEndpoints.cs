using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/api/channels: what there is, and any one of them by name.</summary>
internal static class ChannelEndpoints
{
    public static void Map(Routes routes, ApiServices services)
    {
        routes.Get("/api/channels", context => List(context, services));
        routes.Get("/api/channels/{name}", context => One(context, services), "min_confidence", "class");
    }

    private static Task List(HttpContext context, ApiServices services)
    {
        var entries = services.Catalog.Entries;
        var now = MonotonicClock.NowNs(services.Context.Time);
        return Reply.Success(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("channels"u8);
            foreach (var entry in entries)
            {
                Write(writer, entry, services.Feeds.Find(entry.Name), now);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static Task One(HttpContext context, ApiServices services)
    {
        var name = context.Request.RouteValues["name"] as string ?? "";
        if (!ChannelName.TryParse(name, out _))
        {
            return Reply.Error(context, StatusCodes.Status400BadRequest, "bad_name", $"a channel name is 1 to {ChannelName.MaxLength} characters of a-z, 0-9, '_' and '-'", ("name", "not a channel name"));
        }

        var feed = services.Feeds.Open(name, out var refusal);
        if (feed is not null)
        {
            return ValueEndpoint.Serve(context, feed);
        }

        return services.Catalog.Find(name) is { } entry && refusal is FeedRefusal.NoCodec or FeedRefusal.Stream or FeedRefusal.UnknownChannel && entry is not null
            ? MetadataOnly(context, services, entry, refusal)
            : refusal == FeedRefusal.TooMany
                ? Reply.Error(context, StatusCodes.Status503ServiceUnavailable, "too_many_channels", "this API looks at as many channels as it may; try again in a minute")
                : Reply.Error(context, StatusCodes.Status404NotFound, "unknown_channel", $"there is no channel '{name}'; GET /api/channels lists them");
    }

    private static Task MetadataOnly(HttpContext context, ApiServices services, ChannelEntry entry, FeedRefusal refusal)
    {
        var (code, message) = refusal == FeedRefusal.Stream
            ? ("stream_channel", $"channel '{entry.Name}' is a stream of messages, each for one reader; it has no newest value to show")
            : ("no_codec", $"no loaded plugin knows the message '{entry.MessageId}' of channel '{entry.Name}'; load the plugin that brings it");
        var now = MonotonicClock.NowNs(services.Context.Time);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, PayloadJson.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("status"u8, "error"u8);
        writer.WriteString("message"u8, message);
        writer.WriteString("code"u8, code);
        writer.WritePropertyName("channel"u8);
        Write(writer, entry, null, now);
        writer.WriteEndObject();
        writer.Flush();
        context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        return Reply.Send(context, buffer.WrittenSpan.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, ChannelEntry entry, ChannelFeed? feed, long nowNs)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, entry.Name);
        writer.WriteString("message_id"u8, entry.MessageId);
        writer.WriteString("path"u8, entry.Path);
        writer.WriteString("state"u8, entry.State);
        writer.WriteString("delivery"u8, entry.Delivery == Delivery.Latest ? "latest"u8 : "stream"u8);
        writer.WriteNumber("period_ms"u8, entry.Period.TotalMilliseconds);
        writer.WriteNumber("writer_pid"u8, entry.WriterPid);
        // Text: an epoch has 64 bits, a JSON number in a browser 53.
        writer.WriteString("epoch"u8, entry.Epoch.ToString("x", CultureInfo.InvariantCulture));
        writer.WriteNumber("sequence"u8, entry.Sequence);
        if (entry.PublishedMonoNs == 0)
        {
            writer.WriteNull("age_ms"u8);
        }
        else
        {
            writer.WriteNumber("age_ms"u8, Math.Max(0, (nowNs - entry.PublishedMonoNs) / 1_000_000));
        }

        writer.WriteNumber("payload_bytes"u8, entry.PayloadBytes);
        writer.WriteNumber("total_bytes"u8, entry.TotalBytes);
        if (feed is not null)
        {
            writer.WritePropertyName("reader"u8);
            WriteReading(writer, feed, nowNs);
        }

        writer.WriteEndObject();
    }

    /// <summary>What this API's reader of a channel sees.</summary>
    public static void WriteReading(Utf8JsonWriter writer, ChannelFeed? feed, long nowNs)
    {
        if (feed is null)
        {
            writer.WriteNullValue();
            return;
        }

        var seen = feed.Look(nowNs);
        var counters = feed.Counters;
        writer.WriteStartObject();
        writer.WriteString("state"u8, seen.Snapshot is null ? seen.Code : seen.Stale ? "stale" : "live");
        writer.WriteNumber("sequence"u8, feed.Current?.Sequence ?? 0);
        writer.WriteNumber("hz"u8, Math.Round(feed.Arrivals.RatePerSecond(nowNs), 2));
        if (feed.Arrivals.AgeP99Ms() is { } p99)
        {
            writer.WriteNumber("age_p99_ms"u8, Math.Round(p99, 3));
        }
        else
        {
            writer.WriteNull("age_p99_ms"u8);
        }

        writer.WriteNumber("values"u8, counters.Values);
        writer.WriteNumber("dropped"u8, counters.Lost);
        writer.WriteNumber("torn"u8, counters.Torn);
        writer.WriteNumber("crc"u8, counters.Rejects(RejectReason.Crc));
        writer.WriteNumber("rejected"u8, counters.TotalRejects);
        writer.WriteNumber("resets"u8, counters.Resets);
        writer.WriteEndObject();
    }
}
