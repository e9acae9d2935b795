using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Supervision;

namespace Omnisight.Kernel.Plugins;

/// <summary>One plugin of a node, from its folder to its running modules. Its state is that of the load, then that of its modules.</summary>
internal sealed class Plugin(string id, PluginFolder? folder)
{
    private volatile Verdict _verdict = new(PluginState.Disabled, "not in the set of plugins to use (Plugins:Use)", false);
    private int _earlierFaults, _earlierRestarts;

    public string Id => id;

    public PluginFolder? Folder { get; set; } = folder;

    public PluginManifest? Manifest => Folder?.Manifest;

    public PluginAssembly? Assembly { get; set; }

    public PluginParts? Parts { get; set; }

    /// <summary>Its modules, once they run.</summary>
    public IReadOnlyList<ModuleRunner> Modules { get; set; } = [];

    /// <summary>Loaded and composed; its modules may be up or not.</summary>
    public bool IsLoaded => Parts is not null;

    /// <summary>It was to be loaded and could not, or was not let: also one that is disabled because it brought the process down.</summary>
    public bool IsRefused => _verdict.Refused;

    public PluginState State => Current().State;

    /// <summary>Why, in words an operator understands.</summary>
    public string Reason => Current().Reason;

    /// <summary>Failures since the node started: of loading it, and of its modules.</summary>
    public int Faults => _earlierFaults + Modules.Sum(m => m.Faults);

    public int Restarts => _earlierRestarts + Modules.Sum(m => m.Restarts);

    public void Set(PluginState state, string reason)
    {
        _verdict = new Verdict(state, reason, state is PluginState.Faulted or PluginState.Untrusted or PluginState.NotSupported);
        if (state is PluginState.Faulted or PluginState.Untrusted)
        {
            _earlierFaults++;
        }
    }

    /// <summary>It was to be used, and the gate said no.</summary>
    public void Refuse(PluginRefusedException refusal)
    {
        Set(refusal.State, refusal.Message);
        _verdict = _verdict with { Refused = true };
    }

    /// <summary>Lets its modules go, but not what is counted of them.</summary>
    public void RetireModules()
    {
        (_earlierFaults, _earlierRestarts) = (Faults, Restarts);
        Modules = [];
    }

    /// <summary>A loaded plugin is as well as the worst of its modules.</summary>
    private Verdict Current()
    {
        var verdict = _verdict;
        return verdict.State == PluginState.Active && Modules.FirstOrDefault(m => m.IsDown) is { } bad
            ? new Verdict(PluginState.Faulted, $"module '{bad.Name}' {bad.Reason}", false)
            : verdict;
    }

    private sealed record Verdict(PluginState State, string Reason, bool Refused);
}
