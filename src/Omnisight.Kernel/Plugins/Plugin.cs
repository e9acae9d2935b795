using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Supervision;

namespace Omnisight.Kernel.Plugins;

/// <summary>One plugin of a node, from its folder to its running modules. Its state is that of the load, then that of its modules.</summary>
internal sealed class Plugin(string id, PluginFolder? folder)
{
    private volatile Verdict _verdict = new(PluginState.Disabled, "not used", false);
    private int _earlierFaults, _earlierRestarts;

    public string Id => id;

    /// <summary>It is to be used: what keeps it from running is then a fault of the node.</summary>
    public bool IsChosen { get; init; }

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

    public PluginState State => Now.State;

    /// <summary>Why, in words an operator understands.</summary>
    public string Reason => Now.Reason;

    /// <summary>State and reason of one moment. A loaded plugin is as well as the worst of its modules.</summary>
    public (PluginState State, string Reason) Now
    {
        get
        {
            var verdict = _verdict;
            return verdict.State == PluginState.Active && Modules.Select(m => m.Down).OfType<string>().FirstOrDefault() is { } down
                ? (PluginState.Faulted, $"module {down}")
                : (verdict.State, verdict.Reason);
        }
    }

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

    private sealed record Verdict(PluginState State, string Reason, bool Refused);
}
