using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/api/timeline.</summary>
internal static class TimelineEndpoints
{
    public static void Map(Routes routes, ApiServices services)
    {
        var history = new ValueHistory(services.Options.Current.TimelineHistory);
        services.Feeds.Find("timelines")?.Subscribe(history.Add);
        routes.Get("/api/timeline/predictions", new ValueEndpoint(services.Feeds, "timelines").Handle, "min_confidence");
        routes.Get("/api/timeline/status", context => PerceptionEndpoints.Status(context, services, "timeline", "timelines"));
        routes.Get("/api/timeline/history", context => History(context, history), "limit");
        routes.Post("/api/timeline/refresh", context => CommandReply.Run(context, services, "REFRESH_TIMELINES"));
    }

    private static Task History(HttpContext context, ValueHistory history)
    {
        var limit = int.MaxValue;
        var query = context.Request.Query["limit"];
        if (query.Count > 0 && (!int.TryParse(query[0], NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1))
        {
            return Reply.Error(context, StatusCodes.Status400BadRequest, "bad_value", $"limit: '{query[0]}' is not a whole number from 1", ("limit", "a whole number from 1"));
        }

        var kept = history.Newest(limit);
        return Reply.Success(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("count"u8, kept.Count);
            writer.WriteNumber("capacity"u8, history.Capacity);
            writer.WriteStartArray("history"u8);
            foreach (var snapshot in kept)
            {
                writer.WriteRawValue(snapshot.Derived("history", Entry), skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary>Made once per value. What is in the history is past: whether it was stale when it came no longer matters.</summary>
    private static byte[] Entry(Snapshot snapshot)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, PayloadJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("epoch"u8, snapshot.Epoch.ToString("x", CultureInfo.InvariantCulture));
            writer.WriteNumber("sequence"u8, snapshot.Sequence);
            using var document = JsonDocument.Parse(snapshot.Data(stale: false));
            Documents.CopyAllBut(document.RootElement, writer, "stale", "epoch", "sequence", "mono_ns", "boot_id");
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
