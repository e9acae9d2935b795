using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Plugins;

/// <summary>All plugins of a node: loads those that are to be used, and keeps why the others are not.</summary>
internal sealed class PluginSet : IAsyncDisposable
{
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(5);

    private readonly NodeSettings _settings;
    private readonly ILogger _logger;
    private readonly PluginGate _gate;
    private readonly bool _withModules;
    private readonly List<Plugin> _plugins = [];

    private PluginSet(NodeSettings settings, bool withModules)
    {
        _settings = settings;
        _withModules = withModules;
        _logger = settings.Loggers.CreateLogger("Omnisight.Plugins");
        Shared = new SharedAssemblies(settings.BuiltIn);
        _gate = new PluginGate(settings, Shared);
    }

    /// <summary>In the order they were loaded; those that are not used last.</summary>
    public IReadOnlyList<Plugin> All => _plugins;

    public TransportCatalog Transports { get; } = new();

    public MessageCatalog Messages { get; } = new();

    public SharedAssemblies Shared { get; }

    /// <summary>Loads the plugins to use. A plugin that can't be loaded is kept with its reason and disturbs nobody.</summary>
    /// <param name="settings">The node's.</param>
    /// <param name="withModules">False for tools: transports and messages only, and no plugin that has neither.</param>
    /// <exception cref="NodeStartException">Plugins require each other in a circle.</exception>
    /// <exception cref="ConfigurationException">A plugin refuses its options.</exception>
    public static async Task<PluginSet> LoadAsync(NodeSettings settings, bool withModules)
    {
        var set = new PluginSet(settings, withModules);
        BuiltInMessages.AddTo(set.Messages, settings.BuiltIn);
        var folders = settings.Configuration.PluginFolders;
        var chosen = settings.Configuration.ChosenPlugins.Distinct(StringComparer.Ordinal).ToList();
        var usable = folders.Where(f => f.Manifest is not null && chosen.Contains(f.Id) && (withModules || OffersEnds(f.Manifest))).OrderBy(f => chosen.IndexOf(f.Id)).ToList();
        var order = PluginOrder.Sort(usable);
        set._plugins.AddRange(order.Select(f => new Plugin(f.Id, f)));
        var loading = set._plugins.ToList();
        set.AddOthers(folders, chosen, withModules);

        // Shared payloads first: everybody's references to them must find them.
        foreach (var plugin in loading.Where(p => p.Manifest!.SharedAssemblies.Count > 0))
        {
            set.Guard(plugin, () => set.Shared.Add(plugin.Folder!));
        }

        await Task.WhenAll(loading.Where(p => p.State != PluginState.Faulted).Select(p => Task.Run(() => set.LoadAsync(p))));
        foreach (var plugin in loading.Where(p => p.IsLoaded))
        {
            await set.RegisterAsync(plugin);
        }

        foreach (var plugin in set._plugins.Where(p => p.State is PluginState.Faulted or PluginState.Untrusted or PluginState.NotSupported))
        {
            set._logger.Refused(plugin.Id, StateName.Of(plugin.State), plugin.Reason);
        }

        return set;
    }

    /// <summary>Loads and composes a folder without registering anything: a first load, or the trial of a reload.</summary>
    public async Task<(PluginAssembly Assembly, PluginParts Parts)> ComposeAsync(PluginFolder folder)
    {
        _gate.Check(folder);
        var assembly = PluginAssembly.Load(Path.Combine(folder.Path, folder.Manifest!.Entry), Shared, PluginReload.IsReloadable(folder.Manifest));
        try
        {
            PluginGate.CheckIdentity(assembly, Shared);
            return (assembly, await PluginParts.ComposeAsync(assembly, new PluginContext(folder.Id, _settings), _withModules, _settings.Time));
        }
        catch
        {
            assembly.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var plugin in _plugins.Where(p => p.IsLoaded).Reverse())
        {
            try
            {
                await plugin.Parts!.DisposeAsync().AsTask().WaitAsync(DisposeLimit, _settings.Time);
            }
            catch (Exception e)
            {
                _logger.DisposeFailed(plugin.Id, e.Message);
            }
        }
    }

    private static bool OffersEnds(PluginManifest manifest) =>
        manifest.Provides.Any(p => p.StartsWith("transport:", StringComparison.Ordinal) || p.StartsWith("message:", StringComparison.Ordinal));

    private void AddOthers(IReadOnlyList<PluginFolder> folders, List<string> chosen, bool withModules)
    {
        foreach (var folder in folders.Where(f => _plugins.All(p => p.Id != f.Id)))
        {
            var plugin = new Plugin(folder.Id, folder);
            if (folder.Problem is { } problem)
            {
                plugin.Set(PluginState.Faulted, problem);
            }
            else if (chosen.Contains(folder.Id) && !withModules)
            {
                plugin.Set(PluginState.Disabled, "a tool loads transports and messages only");
            }

            _plugins.Add(plugin);
        }

        foreach (var id in chosen.Where(c => folders.All(f => f.Id != c)))
        {
            var plugin = new Plugin(id, null);
            plugin.Set(PluginState.Faulted, $"there is no plugin '{id}' in {_settings.Configuration.PluginsDirectory}; install it, or take it out of Plugins:Use");
            _plugins.Add(plugin);
        }
    }

    private async Task LoadAsync(Plugin plugin)
    {
        try
        {
            (plugin.Assembly, plugin.Parts) = await ComposeAsync(plugin.Folder!);
        }
        catch (PluginRefusedException e)
        {
            plugin.Set(e.State, e.Message);
        }
        catch (Exception e) when (e is not ConfigurationException)
        {
            plugin.Set(PluginState.Faulted, CompositionFailures.Explain(e, []));
        }
    }

    /// <summary>All that a plugin provides becomes known, or nothing of it.</summary>
    private async Task RegisterAsync(Plugin plugin)
    {
        if (Conflict(plugin) is { } conflict)
        {
            await plugin.Parts!.DisposeAsync();
            plugin.Assembly!.Dispose();
            (plugin.Assembly, plugin.Parts) = (null, null);
            plugin.Set(PluginState.Faulted, conflict);
            return;
        }

        foreach (var (scheme, transport) in plugin.Parts!.Transports)
        {
            Transports.Add(scheme, transport, plugin.Id);
        }

        foreach (var message in plugin.Parts.Messages)
        {
            Messages.TryAdd(message, plugin.Id);
        }

        plugin.Set(PluginState.Active, "loaded");
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.Loaded(plugin.Id, plugin.Manifest!.Version, string.Join(", ", PluginReport.ProvidesOf(plugin)));
        }
    }

    private string? Conflict(Plugin plugin)
    {
        var missing = plugin.Manifest!.Requires.FirstOrDefault(r => !_plugins.Any(p => p.State == PluginState.Active && PluginOrder.Provides(p.Manifest!, r)));
        if (missing is not null)
        {
            return $"it requires '{missing}', which no active plugin provides; add the plugin that does to Plugins:Use";
        }

        var schemes = plugin.Parts!.Transports.Select(t => t.Scheme).ToList();
        if (schemes.FirstOrDefault(s => Transports.Owner(s) is not null) is { } scheme)
        {
            return $"transport '{scheme}' is already provided by '{Transports.Owner(scheme)}'; use one of the two plugins";
        }

        if (schemes.GroupBy(s => s).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            return $"it exports transport '{twice.Key}' twice";
        }

        if (plugin.Parts.Messages.FirstOrDefault(m => Messages.Owner(m.Name) is not null) is { } message)
        {
            return $"message '{message.Name}' is already provided by '{Messages.Owner(message.Name)}'; use one of the two plugins";
        }

        return plugin.Parts.Modules.GroupBy(m => m.Name).FirstOrDefault(g => g.Count() > 1) is { } module ? $"it exports module '{module.Key}' twice" : null;
    }

    private void Guard(Plugin plugin, Action action)
    {
        try
        {
            _gate.Check(plugin.Folder!);
            action();
        }
        catch (PluginRefusedException e)
        {
            plugin.Set(e.State, e.Message);
        }
        catch (Exception e)
        {
            plugin.Set(PluginState.Faulted, CompositionFailures.Explain(e, []));
        }
    }
}
