using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Supervision;

namespace Omnisight.Kernel;

/// <summary>What an operator is told of a plugin.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its version; empty when its manifest can't be read.</param>
/// <param name="Contract">The contract versions it works with.</param>
/// <param name="State">What became of it.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Provides">What it really exports when it is loaded, else what its manifest says.</param>
/// <param name="Faults">Failures since the node started.</param>
/// <param name="Restarts">Times a module of it was made anew.</param>
/// <param name="Chosen">It is to be used: when it does not run, the node is not well.</param>
/// <param name="Reloadable">It can be reloaded while the node runs.</param>
/// <param name="Modules">Its modules.</param>
public sealed record PluginReport(
    string Id,
    string Version,
    string Contract,
    PluginState State,
    string Reason,
    IReadOnlyList<string> Provides,
    int Faults,
    int Restarts,
    bool Chosen,
    bool Reloadable,
    IReadOnlyList<ModuleReport> Modules)
{
    internal static PluginReport Of(Plugin plugin) => Of(plugin, plugin.Now);

    private static PluginReport Of(Plugin plugin, (PluginState State, string Reason) now) => new(
        plugin.Id,
        plugin.Manifest?.Version ?? "",
        plugin.Manifest?.Contract.ToString() ?? "",
        now.State,
        now.Reason,
        ProvidesOf(plugin),
        plugin.Faults,
        plugin.Restarts,
        plugin.IsChosen,
        plugin.Manifest is { } manifest && PluginReload.IsReloadable(manifest),
        [.. plugin.Modules.Select(m => new ModuleReport(m.Name, m.State, m.Reason, m.Restarts))]);

    internal static IReadOnlyList<string> ProvidesOf(Plugin plugin) =>
        plugin.Parts is { } parts ? ProvidesOf(parts) : plugin.Manifest?.Provides ?? [];

    internal static IReadOnlyList<string> ProvidesOf(Composition.PluginParts parts, bool distinct = true)
    {
        IReadOnlyList<string> all =
        [
            .. parts.Transports.Select(t => $"transport:{t.Scheme}"),
            .. parts.Messages.Select(m => $"message:{m.Name}"),
            .. parts.Modules.Select(m => $"module:{m.Name}"),
            .. parts.Modules.SelectMany(m => m.Publishes.Distinct()).Select(c => $"channel:{c}"),
        ];
        return distinct ? [.. all.Distinct(StringComparer.Ordinal)] : all;
    }
}

/// <summary>What an operator is told of a module.</summary>
/// <param name="Name">Its name in the plugin.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Reason">Why, continuing a sentence that begins with its name.</param>
/// <param name="Restarts">Times it was made anew.</param>
public sealed record ModuleReport(string Name, ModuleState State, string Reason, int Restarts);
