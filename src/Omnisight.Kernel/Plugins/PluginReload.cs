using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Omnisight.Commands;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Supervision;

namespace Omnisight.Kernel.Plugins;

/// <summary>
/// Replaces a running plugin by what is in its folder now. The new code is loaded and composed first: when it can't be, the old
/// runs on. The old modules stop before the new ones start. That the old code is gone is proven, not hoped.
/// </summary>
internal sealed class PluginReload(PluginSet plugins, ModuleHost host, Action<Plugin, string> audit) : IAsyncDisposable
{
    /// <summary>Collections to wait for: measured, a plugin that holds nothing back is gone after three.</summary>
    private const int Collections = 20;

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly HashSet<string> _leaky = new(StringComparer.Ordinal);
    private readonly ILogger _logger = host.Settings.Loggers.CreateLogger("Omnisight.Plugins");
    private volatile bool _ended;

    /// <summary>It declares itself reloadable, and is nothing that others hold on to: a transport's open channels, a shared payload's type.</summary>
    public static bool IsReloadable(PluginManifest manifest) =>
        manifest.Reloadable && manifest.SharedAssemblies.Count == 0 && !manifest.Provides.Any(p => p.StartsWith("transport:", StringComparison.Ordinal));

    /// <summary>The last one ends, and no other begins: the node stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _ended = true;
        await _one.WaitAsync();
        _one.Release();
    }

    public async Task<CommandResult> RunAsync(string id)
    {
        await _one.WaitAsync();
        try
        {
            if (_ended)
            {
                return CommandResult.Error(CommandCodes.Failed, "the node is stopping");
            }

            var plugin = plugins.All.FirstOrDefault(p => p.Id == id || p.Manifest?.Aliases.Contains(id, StringComparer.OrdinalIgnoreCase) == true);
            if (plugin is null)
            {
                return CommandResult.Error("unknown_plugin", $"there is no plugin '{id}'; there are: {string.Join(", ", plugins.All.Select(p => p.Id))}");
            }

            return WhyNot(plugin) is { } reason
                ? CommandResult.Error("not_reloadable", $"'{plugin.Id}' can't be reloaded: {reason}")
                : await ReplaceAsync(plugin);
        }
        finally
        {
            _one.Release();
        }
    }

    private string? WhyNot(Plugin plugin) => plugin switch
    {
        { Manifest: null } => plugin.Reason,
        { IsLoaded: false } => $"it is {StateName.Of(plugin.State)}: {plugin.Reason}; restart the node to try again",
        { Manifest.Reloadable: false } => "it does not declare itself reloadable (\"reloadable\": true in plugin.json); restart the node",
        _ when plugin.Parts!.Transports.Any() => "it is a transport, and its open channels would be cut; restart the node",
        _ when plugin.Manifest.SharedAssemblies.Count > 0 => "other plugins share its assemblies; restart the node",
        _ when _leaky.Contains(plugin.Id) => "its old code could not be unloaded the last time, and would pile up; restart the node",
        _ => null,
    };

    private async Task<CommandResult> ReplaceAsync(Plugin plugin)
    {
        PluginFolder folder;
        (PluginAssembly Assembly, PluginParts Parts) next;
        try
        {
            folder = new PluginFolder(plugin.Folder!.Path, PluginManifest.Read(plugin.Folder.Path), null);
            next = await ComposeAsync(plugin, folder);
        }
        catch (Exception e)
        {
            return Refuse(plugin, e);
        }

        var started = host.Settings.Time.GetTimestamp();
        plugin.Set(PluginState.Stopping, "is being reloaded");
        if (!await StopAsync(plugin))
        {
            await plugins.ReleaseAsync(plugin.Id, next.Assembly, next.Parts);
            plugin.Set(PluginState.Faulted, "a module did not stop within 5 s, so the plugin could not be reloaded; restart the node");
            return CommandResult.Error("stop_timeout", $"'{plugin.Id}': {plugin.Reason}");
        }

        plugins.Messages.Replace(plugin.Id, next.Parts.Messages);
        var old = await ReleaseAsync(plugin);
        Start(plugin, folder, next.Assembly, next.Parts);
        var gap = host.Settings.Time.GetElapsedTime(started).TotalMilliseconds;
        return await ProveAsync(plugin, old, gap);
    }

    private CommandResult Refuse(Plugin plugin, Exception e)
    {
        var reason = e is PluginRefusedException or PluginManifestException or Configuration.ConfigurationException ? e.Message : CompositionFailures.Explain(e);
        _logger.ReloadRefused(plugin.Id, reason);
        if (e is PluginRefusedException { State: PluginState.Untrusted })
        {
            audit(plugin, reason);
        }

        return CommandResult.Error("reload_refused", $"'{plugin.Id}' runs on as it was: what is in its folder now can't be loaded: {reason}");
    }

    private async Task<(PluginAssembly Assembly, PluginParts Parts)> ComposeAsync(Plugin plugin, PluginFolder folder)
    {
        if (WhyOther(plugin.Manifest!, folder.Manifest!) is { } other)
        {
            throw new PluginRefusedException(PluginState.Faulted, other);
        }

        var next = await plugins.ComposeAsync(folder);
        var reason = plugins.Conflict(folder.Manifest!, next.Parts) ?? WhyOther(plugin.Parts!, next.Parts);
        if (reason is null)
        {
            return next;
        }

        await plugins.ReleaseAsync(plugin.Id, next.Assembly, next.Parts);
        throw new PluginRefusedException(PluginState.Faulted, reason);
    }

    /// <summary>What is settled at start and can't be changed by a reload; null when nothing of it is another.</summary>
    private static string? WhyOther(PluginManifest old, PluginManifest next) =>
        next.Id != old.Id ? $"its plugin.json now names '{next.Id}'"
        : !IsReloadable(next) ? "its plugin.json now says it is not reloadable, provides a transport, or shares assemblies; restart the node"
        : !next.Options.Values.OrderBy(o => o.Name).SequenceEqual(old.Options.Values.OrderBy(o => o.Name), OptionComparer.Instance) ? "its options are others now, and configuration is checked against them at start only; restart the node"
        : null;

    private static string? WhyOther(PluginParts old, PluginParts next)
    {
        var (before, offered) = (Offers(old), Offers(next));
        return offered.SetEquals(before)
            ? null
            : $"it offers other channels now ({string.Join(", ", offered.Order())} instead of {string.Join(", ", before.Order())}), which are wired at start only; restart the node";
    }

    /// <summary>Who in the plugin publishes what.</summary>
    private static HashSet<string> Offers(PluginParts parts) =>
        parts.Modules.SelectMany(m => m.Publishes.Select(c => $"{m.Name}/{c}")).ToHashSet(StringComparer.Ordinal);

    private static async Task<bool> StopAsync(Plugin plugin)
    {
        var stopped = true;
        foreach (var module in plugin.Modules.Reverse())
        {
            stopped &= await module.StopAsync();
        }

        return stopped;
    }

    /// <summary>Lets go of all the old plugin's objects; only a weak reference to its load context is left.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> ReleaseAsync(Plugin plugin)
    {
        plugin.RetireModules();
        var context = new WeakReference(plugin.Assembly!.Context);
        await plugins.ReleaseAsync(plugin.Id, plugin.Assembly, plugin.Parts);
        (plugin.Assembly, plugin.Parts) = (null, null);
        return context;
    }

    private void Start(Plugin plugin, PluginFolder folder, PluginAssembly assembly, PluginParts parts)
    {
        (plugin.Folder, plugin.Assembly, plugin.Parts) = (folder, assembly, parts);
        plugin.Modules = [.. parts.Modules.Select(m => new ModuleRunner(plugin, m, host))];
        plugin.Set(PluginState.Active, "reloaded");
        foreach (var module in plugin.Modules)
        {
            module.Start();
        }
    }

    private async Task<CommandResult> ProveAsync(Plugin plugin, WeakReference old, double gap)
    {
        for (var i = 0; i < Collections && old.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(TimeSpan.FromMilliseconds(10), host.Settings.Time);
        }

        host.Changed();
        if (!old.IsAlive)
        {
            _logger.Reloaded(plugin.Id, plugin.Manifest!.Version, gap);
            return CommandResult.Ok($"'{plugin.Id}' {plugin.Manifest.Version} was reloaded in {gap:0} ms; its old code is unloaded");
        }

        _leaky.Add(plugin.Id);
        const string Reason = "something still refers to the old code (a thread, a timer, a static event or a cache), so it stays in memory; further reloads are refused until the node restarts";
        _logger.UnloadFailed(plugin.Id, Reason);
        plugin.Set(PluginState.Active, $"reloaded, but {Reason}");
        host.Changed();
        return CommandResult.Error("unload_failed", $"'{plugin.Id}' {plugin.Manifest!.Version} runs, but {Reason}");
    }

    private sealed class OptionComparer : IEqualityComparer<Configuration.OptionSchema>
    {
        public static readonly OptionComparer Instance = new();

        public bool Equals(Configuration.OptionSchema? x, Configuration.OptionSchema? y) =>
            x is not null && y is not null && x.Enum.SequenceEqual(y.Enum) && x == y with { Enum = x.Enum, Description = x.Description };

        public int GetHashCode(Configuration.OptionSchema obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
