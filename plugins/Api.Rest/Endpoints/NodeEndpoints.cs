using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/api/stats, /api/status, /api/plugins: the core's documents, with those of the other processes beside them.</summary>
internal static class NodeEndpoints
{
    public static void Map(Routes routes, ApiServices services)
    {
        routes.Get("/api/stats", new ValueEndpoint(services.Feeds, "stats").Handle);
        routes.Get("/api/status", context => Status(context, services));
        routes.Get("/api/plugins", context => Plugins(context, services));
    }

    private static Task Status(HttpContext context, ApiServices services)
    {
        var seen = services.Node.Core("status");
        var processes = services.Node.Processes().ToArray();
        if (seen.Snapshot is not { } core)
        {
            return Reply.NoData(context, "status", seen);
        }

        return Reply.Success(context, writer =>
        {
            writer.WriteStartObject();
            using var document = JsonDocument.Parse(core.Data(seen.Stale));
            Documents.CopyAllBut(document.RootElement, writer, "sequence", "mono_ns");
            writer.WriteStartArray("processes"u8);
            foreach (var process in processes)
            {
                using var parsed = JsonDocument.Parse(process.Snapshot!.Data(process.Stale));
                writer.WriteStartObject();
                Documents.CopyAllBut(parsed.RootElement, writer, ["plugins", "epoch", "sequence", "mono_ns"]);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static Task Plugins(HttpContext context, ApiServices services)
    {
        var seen = services.Node.Core("plugins");
        var processes = services.Node.Processes().ToArray();
        if (seen.Snapshot is null && processes.Length == 0)
        {
            return Reply.NoData(context, "plugins", seen);
        }

        return Reply.Success(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("stale"u8, seen.Snapshot is null || seen.Stale);
            writer.WriteStartArray("plugins"u8);
            if (seen.Snapshot is { } core)
            {
                Write(writer, core, "core");
            }

            foreach (var process in processes)
            {
                Write(writer, process.Snapshot!, null);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary>One process's plugins, each with the process it runs in.</summary>
    private static void Write(Utf8JsonWriter writer, Snapshot snapshot, string? role)
    {
        using var document = JsonDocument.Parse(snapshot.Data(stale: false));
        var root = document.RootElement;
        foreach (var plugin in Documents.Objects(root, "plugins"))
        {
            writer.WriteStartObject();
            Documents.CopyAllBut(plugin, writer, "process");
            writer.WriteStartObject("process"u8);
            if (root.TryGetProperty("pid", out var pid))
            {
                writer.WritePropertyName("pid"u8);
                pid.WriteTo(writer);
            }

            writer.WriteString("role"u8, role ?? Documents.Text(root, "role") ?? "unknown");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }
}
