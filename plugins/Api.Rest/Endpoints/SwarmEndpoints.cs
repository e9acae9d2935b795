using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/api/swarm: what a swarm module publishes on channel swarm; without one, <c>enabled:false</c>.</summary>
internal static class SwarmEndpoints
{
    public static void Map(Routes routes, ApiServices services)
    {
        routes.Get("/api/swarm/network", context => Show(context, services, "neighbors", "cameras"));
        routes.Get("/api/swarm/cameras", context => Show(context, services, "cameras", "neighbors"));
        routes.Post("/api/swarm/sync", context => CommandReply.Run(context, services, "SYNC_SWARM"));
    }

    private static Task Show(HttpContext context, ApiServices services, string list, string without)
    {
        // The document outlives a swarm module that was taken out; only a channel that somebody writes counts.
        var seen = services.Catalog.Find("swarm") is null ? null : services.Feeds.Open("swarm", out _)?.Look();
        return Reply.Success(context, writer =>
        {
            writer.WriteStartObject();
            if (seen is { Snapshot: { } snapshot, Stale: var stale })
            {
                using var document = JsonDocument.Parse(snapshot.Data(stale));
                writer.WriteBoolean("enabled"u8, true);
                Documents.CopyAllBut(document.RootElement, writer, "enabled", without, "epoch", "sequence", "mono_ns", "boot_id");
                if (!document.RootElement.TryGetProperty(list, out _))
                {
                    WriteNone(writer, list);
                }
            }
            else
            {
                writer.WriteBoolean("enabled"u8, false);
                WriteNone(writer, list);
            }

            writer.WriteEndObject();
        });
    }

    private static void WriteNone(Utf8JsonWriter writer, string list)
    {
        writer.WriteStartArray(list);
        writer.WriteEndArray();
    }
}
