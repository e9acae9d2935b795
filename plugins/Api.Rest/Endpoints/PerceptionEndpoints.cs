using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/api/perception.</summary>
internal static class PerceptionEndpoints
{
    public static void Map(Routes routes, ApiServices services)
    {
        routes.Get("/api/perception/detections", new ValueEndpoint(services.Feeds, "detections").Handle, "min_confidence", "class");
        routes.Get("/api/perception/tracks", new ValueEndpoint(services.Feeds, "tracks").Handle, "min_confidence", "class");
        routes.Get("/api/perception/status", context => Status(context, services, "perception", "detections", "tracks"));
    }

    /// <summary>A section of the stats with the state of its channels.</summary>
    public static Task Status(HttpContext context, ApiServices services, string section, params string[] channels)
    {
        var stats = services.Feeds.Find("stats")?.Look();
        return Reply.Success(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("stale"u8, stats is not { Snapshot: not null, Stale: false });
            if (stats?.Snapshot is { } snapshot)
            {
                Documents.CopyMembers(snapshot, section, writer);
            }

            writer.WriteStartObject("channels"u8);
            foreach (var channel in channels)
            {
                writer.WritePropertyName(channel);
                ChannelEndpoints.WriteReading(writer, services.Feeds.Find(channel), MonotonicClock.NowNs(services.Context.Time));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }
}
