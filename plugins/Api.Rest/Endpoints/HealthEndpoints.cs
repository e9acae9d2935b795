using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/api/health (is the node well) and /healthz (is this process alive).</summary>
internal static class HealthEndpoints
{
    private static readonly byte[] Alive = "{\"status\":\"success\",\"data\":{\"alive\":true}}"u8.ToArray();
    private static readonly string[] Perception = ["detections", "tracks", "timelines"];

    public static void Map(Routes routes, ApiServices services)
    {
        routes.Get("/api/health", context => Health(context, services));
        routes.Get("/healthz", context =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return Reply.Send(context, Alive);
        });
    }

    private static async Task Health(HttpContext context, ApiServices services)
    {
        var responsive = await services.Ping.IsResponsiveAsync();
        var feeds = Perception.Select(services.Feeds.Find).OfType<ChannelFeed>().ToArray();
        var required = new List<(string Name, bool Ok)>
        {
            ("shm_accessible", feeds.Any(IsAttached)),
            ("data_fresh", feeds.Any(f => f.Look() is { Snapshot: not null, Stale: false })),
            ("core_responsive", responsive),
        };
        var modules = services.Node.Modules().ToArray();
        var (code, status) = required.Exists(r => !r.Ok) ? (StatusCodes.Status503ServiceUnavailable, "unhealthy")
            : modules.Any(m => !m.Works) ? (StatusCodes.Status200OK, "degraded")
            : (StatusCodes.Status200OK, "healthy");
        context.Response.StatusCode = code;
        context.Response.Headers.CacheControl = "no-store";
        await Reply.Send(context, Body(status, required.Concat(modules)));
    }

    private static bool IsAttached(ChannelFeed feed) =>
        feed.Status is ReadStatus.Fresh or ReadStatus.Unchanged or ReadStatus.Idle or ReadStatus.Stale or ReadStatus.Contended;

    private static byte[] Body(string status, IEnumerable<(string Name, bool Ok)> checks)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, PayloadJson.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("status"u8, status);
        writer.WriteStartObject("checks"u8);
        foreach (var check in checks.GroupBy(c => c.Name))
        {
            // The same module may run in two processes: it is well when it is well in each.
            writer.WriteBoolean(check.Key, check.All(c => c.Ok));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
