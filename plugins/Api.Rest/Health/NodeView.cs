using System.Text.Json;
using Omnisight.Api.Rest.Channels;

namespace Omnisight.Api.Rest.Health;

/// <summary>The node as its documents tell it: the core's, and one of each other process of the instance.</summary>
internal sealed class NodeView(ChannelFeeds feeds, ChannelCatalog catalog)
{
    private const string ProcessPrefix = "proc-";

    /// <summary>What the core publishes on a document channel, as long as it is worth showing.</summary>
    public Availability Core(string channel) => feeds.Open(channel, out _)?.Look() ?? Availability.None("not_ready", $"no transport of this process carries channel '{channel}'");

    /// <summary>The documents of the other processes that live.</summary>
    public IEnumerable<Availability> Processes()
    {
        foreach (var entry in catalog.Entries)
        {
            if (entry.Name.StartsWith(ProcessPrefix, StringComparison.Ordinal) && feeds.Open(entry.Name, out _) is { } feed && feed.Look() is { Snapshot: not null } seen)
            {
                yield return seen;
            }
        }
    }

    /// <summary>The modules of all processes, and plugins that are down without a module of theirs saying so: name and whether it does its work.</summary>
    public IEnumerable<(string Name, bool Works)> Modules()
    {
        foreach (var document in Parsed("plugins"))
        {
            using (document)
            {
                foreach (var plugin in Endpoints.Documents.Objects(document.RootElement, "plugins"))
                {
                    var id = Endpoints.Documents.Text(plugin, "id") ?? "?";
                    var told = false;
                    foreach (var module in Endpoints.Documents.Objects(plugin, "modules"))
                    {
                        var works = IsUp(Endpoints.Documents.Text(module, "state"));
                        told |= !works;
                        yield return (Endpoints.Documents.Text(module, "name") ?? id, works);
                    }

                    // It has no modules, never having been loaded, or one that has been starting for too long.
                    if (!told && IsDown(plugin))
                    {
                        yield return (id, false);
                    }
                }
            }
        }
    }

    private IEnumerable<JsonDocument> Parsed(string coreChannel)
    {
        if (Core(coreChannel) is { Snapshot: { } core })
        {
            yield return JsonDocument.Parse(core.Data(stale: false));
        }

        foreach (var process in Processes())
        {
            yield return JsonDocument.Parse(process.Snapshot!.Data(stale: false));
        }
    }

    private static bool IsUp(string? state) => state is "running" or "starting" or "ready";

    /// <summary>A plugin that was not chosen is no fault, whatever it is like; one that was, and is disabled, brought the process down.</summary>
    private static bool IsDown(JsonElement plugin) => Endpoints.Documents.Text(plugin, "state") is var state && (plugin.TryGetProperty("chosen", out var chosen)
        ? chosen.ValueKind == JsonValueKind.True && state is "faulted" or "not_supported" or "untrusted" or "disabled"
        : state is "faulted" or "not_supported" or "untrusted");
}
