using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Supervision;

namespace Omnisight.Kernel.Core;

/// <summary>What the documents of a process are about.</summary>
internal sealed class NodeState(NodeSettings settings, IReadOnlyList<Plugin> plugins, ulong epoch, bool isCore)
{
    private readonly long _started = settings.Time.GetTimestamp();

    public NodeSettings Settings => settings;

    public IReadOnlyList<Plugin> Plugins => plugins;

    /// <summary>This start of the core.</summary>
    public ulong Epoch => epoch;

    public bool IsCore => isCore;

    /// <summary>starting, stopping, stopped as the node says; null = as its modules are.</summary>
    public string? Phase { get; set; } = "starting";

    public TimeSpan Uptime => settings.Time.GetElapsedTime(_started);

    public IEnumerable<ModuleRunner> Modules => plugins.SelectMany(p => p.Modules);

    public long NowMs => settings.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>starting, running, degraded, stopping, stopped.</summary>
    public string Status =>
        Phase ?? (IsDegraded ? "degraded" : Modules.Any(m => m.State == ModuleState.Starting) ? "starting" : "running");

    /// <summary>A plugin that should be used is not, or a module of it is down.</summary>
    private bool IsDegraded => plugins.Any(p => (p.IsRefused || p.State == PluginState.Faulted) && p.IsChosen);

    /// <summary>Modules by a name that is unique in the process: its own, or plugin/module where two plugins have the same.</summary>
    public IEnumerable<(string Name, ModuleRunner Module)> NamedModules()
    {
        var names = Modules.GroupBy(m => m.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return Modules.Select(m => (names[m.Name] == 1 ? m.Name : m.FullName, m));
    }
}
