using System.Diagnostics;
using System.Text.Json;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Endpoints;
using Omnisight.Api.Rest.Health;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Plugins of all processes, and this process.</summary>
internal sealed class NodeMetrics(NodeView node)
{
    private readonly Process _self = Process.GetCurrentProcess();

    public IEnumerable<MetricFamily> Families() =>
    [
        new("omnisight_plugin_state", "gauge", "1 for the state each plugin is in", () => OfPlugins("state")),
        new("omnisight_plugin_faults_total", "counter", "Times that a plugin failed", () => OfPlugins("faults")),
        new("omnisight_plugin_restarts_total", "counter", "Times that a plugin's modules were started again", () => OfPlugins("restarts")),
        new("process_resident_memory_bytes", "gauge", "Resident memory of the API's process", () => [MetricSample.Of(Environment.WorkingSet)]),
        new("process_cpu_seconds_total", "counter", "Processor time of the API's process", () => [MetricSample.Of(Environment.CpuUsage.TotalTime.TotalSeconds)]),
        new("process_threads", "gauge", "Threads of the API's process", () => [MetricSample.Of(Threads())]),
        new("dotnet_gc_heap_bytes", "gauge", "Managed heap of the API's process", () => [MetricSample.Of(GC.GetTotalMemory(false))]),
        new("dotnet_gc_collections_total", "counter", "Collections of the API's process", () => Enumerable.Range(0, 3).Select(g => MetricSample.Of(GC.CollectionCount(g), ("generation", $"{g}")))),
    ];

    private int Threads()
    {
        _self.Refresh();
        return _self.Threads.Count;
    }

    private List<MetricSample> OfPlugins(string member)
    {
        var samples = new List<MetricSample>();
        var documents = node.Processes().Select(p => p.Snapshot).Prepend(node.Core("plugins").Snapshot).OfType<Snapshot>();
        foreach (var snapshot in documents)
        {
            using var document = JsonDocument.Parse(snapshot.Data(stale: false));
            var pid = document.RootElement.TryGetProperty("pid", out var number) && number.ValueKind == JsonValueKind.Number ? number.GetRawText() : "0";
            foreach (var plugin in Documents.Objects(document.RootElement, "plugins"))
            {
                var id = Documents.Text(plugin, "id") ?? "?";
                if (member == "state")
                {
                    samples.Add(MetricSample.Of(1, ("plugin", id), ("pid", pid), ("state", Documents.Text(plugin, "state") ?? "unknown")));
                }
                else if (plugin.TryGetProperty(member, out var count) && count.ValueKind == JsonValueKind.Number)
                {
                    samples.Add(MetricSample.Of(count.GetDouble(), ("plugin", id), ("pid", pid)));
                }
            }
        }

        return samples;
    }
}
