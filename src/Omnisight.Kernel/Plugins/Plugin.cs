using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Supervision;

namespace Omnisight.Kernel.Plugins;

/// <summary>One plugin of a node, from its folder to its running modules. Its state is that of the load, then that of its modules.</summary>
internal sealed class Plugin(string id, PluginFolder? folder)
{
    private volatile Verdict _verdict = new(PluginState.Disabled, "not in the set of plugins to use (Plugins:Use)");

    public string Id => id;

    public PluginFolder? Folder { get; set; } = folder;

    public PluginManifest? Manifest => Folder?.Manifest;

    public PluginAssembly? Assembly { get; set; }

    public PluginParts? Parts { get; set; }

    /// <summary>Its modules, once they run.</summary>
    public IReadOnlyList<ModuleRunner> Modules { get; set; } = [];

    /// <summary>Failures of loading it, without those of its modules.</summary>
    public int LoadFaults { get; private set; }

    /// <summary>Loaded and composed; its modules may be up or not.</summary>
    public bool IsLoaded => Parts is not null;

    public PluginState State => Current().State;

    /// <summary>Why, in words an operator understands.</summary>
    public string Reason => Current().Reason;

    public int Faults => LoadFaults + Modules.Sum(m => m.Faults);

    public int Restarts => Modules.Sum(m => m.Restarts);

    public void Set(PluginState state, string reason)
    {
        _verdict = new Verdict(state, reason);
        if (state is PluginState.Faulted or PluginState.Untrusted)
        {
            LoadFaults++;
        }
    }

    /// <summary>A loaded plugin is as well as the worst of its modules.</summary>
    private Verdict Current()
    {
        var verdict = _verdict;
        return verdict.State == PluginState.Active && Modules.FirstOrDefault(m => m.State is ModuleState.BackingOff or ModuleState.Abandoned) is { } bad
            ? new Verdict(PluginState.Faulted, $"module '{bad.Name}' {bad.Reason}")
            : verdict;
    }

    private sealed record Verdict(PluginState State, string Reason);
}
