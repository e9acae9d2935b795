using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Plugins;

/// <summary>All plugins of a node: loads those that are to be used, and keeps why the others are not.</summary>
internal sealed class PluginSet : IAsyncDisposable
{
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
    /// <param name="withModules">False for tools: transports and messages only, of every plugin that has any.</param>
    /// <exception cref="NodeStartException">Plugins require each other in a circle.</exception>
    /// <exception cref="ConfigurationException">A plugin refuses its options.</exception>
    public static async Task<PluginSet> LoadAsync(NodeSettings settings, bool withModules)
    {
        var set = new PluginSet(settings, withModules);
        try
        {
            await set.LoadAsync();
            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    /// <summary>Why a plugin of the directory is not used.</summary>
    public static string NotChosen(NodeConfiguration configuration) => $"it is not in the set '{configuration.Use}' that Plugins:Use names";

    /// <summary>Loads and composes a folder without registering anything: a first load, or the trial of a reload.</summary>
    public async Task<(PluginAssembly Assembly, PluginParts Parts)> ComposeAsync(PluginFolder folder)
    {
        _gate.Check(folder);
        var assembly = PluginAssembly.Load(folder, Shared);
        PluginParts? parts = null;
        try
        {
            CheckOptions(folder.Manifest!, assembly);
            parts = await PluginParts.ComposeAsync(assembly, new PluginContext(folder.Id, _settings), _withModules, _settings.Time);
            PluginGate.CheckIdentity(assembly, Shared);
            CheckPromises(folder.Manifest!, parts);
            return (assembly, parts);
        }
        catch
        {
            await ReleaseAsync(folder.Id, assembly, parts);
            throw;
        }
    }

    /// <summary>Lets go of what was composed, whatever its own code does at it.</summary>
    public async Task ReleaseAsync(string id, PluginAssembly assembly, PluginParts? parts)
    {
        _settings.Configuration.ReleaseOptions(id, assembly.Context);
        if (parts is not null && await parts.CloseAsync(_settings.Time) is { } problem)
        {
            _logger.DisposeFailed(id, problem);
        }

        assembly.Dispose();
    }

    /// <summary>Why what a plugin provides can't be added to what the others do; null when it can. What it provides already is no obstacle.</summary>
    public string? Conflict(PluginManifest manifest, PluginParts parts)
    {
        if (manifest.Requires.FirstOrDefault(r => !IsProvided(r)) is { } missing)
        {
            return $"it requires '{missing}', which no active plugin provides; add the plugin that does to Plugins:Use";
        }

        foreach (var scheme in parts.Transports.Select(t => t.Scheme))
        {
            if (Transports.Owner(scheme) is { } owner && owner != manifest.Id)
            {
                return $"transport '{scheme}' is already provided by '{owner}'; use one of the two plugins";
            }
        }

        foreach (var (name, channel, _) in parts.Messages)
        {
            if (Messages.Owner(name) is { } owner && owner != manifest.Id)
            {
                return $"message '{name}' is already provided by '{owner}'; use one of the two plugins";
            }

            if (Messages.OwnerOfChannel(channel.Name.Value) is { } carried && carried.Plugin != manifest.Id)
            {
                return $"message '{name}' has the default channel '{channel.Name}', as has '{carried.Message}' of '{carried.Plugin}'; give it another, or use one of the two plugins";
            }
        }

        return PluginReport.ProvidesOf(parts, distinct: false).GroupBy(p => p).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? $"it exports {twice.Key.Replace(":", " '", StringComparison.Ordinal)}' twice"
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var plugin in _plugins.Where(p => p.IsLoaded).Reverse())
        {
            await ReleaseAsync(plugin.Id, plugin.Assembly!, plugin.Parts);
        }
    }

    private async Task LoadAsync()
    {
        BuiltInMessages.AddTo(Messages, _settings.BuiltIn);
        var folders = _settings.Configuration.PluginFolders;
        var chosen = _settings.Configuration.ChosenPlugins.Distinct(StringComparer.Ordinal).ToList();

        // A tool also reads what a node with another set publishes; where two plugins provide the same, the chosen one comes first.
        var usable = folders.Where(f => f.Manifest is not null && (_withModules ? chosen.Contains(f.Id) : OffersEnds(f.Manifest)))
            .OrderBy(f => (uint)chosen.IndexOf(f.Id)).ToList();
        var order = PluginOrder.Sort(usable);
        _plugins.AddRange(order.Select(f => new Plugin(f.Id, f) { IsChosen = chosen.Contains(f.Id) }));
        var loading = _plugins.ToList();
        AddOthers(folders, chosen);

        // Shared payloads first, to the end: everybody's references to them must find them, but only of plugins that could be loaded.
        var sharing = loading.ToLookup(p => p.Manifest!.SharedAssemblies.Count > 0);
        foreach (var plugin in sharing[true])
        {
            await ShareAsync(plugin);
        }

        // The largest takes longest, so it goes first.
        await Task.WhenAll(sharing[false].OrderByDescending(EntryBytes).Select(p => Task.Run(() => LoadAsync(p))));
        foreach (var plugin in loading.Where(p => p.IsLoaded))
        {
            await RegisterAsync(plugin);
        }

        foreach (var plugin in _plugins.Where(p => p.IsRefused))
        {
            _logger.Refused(plugin.Id, StateName.Of(plugin.State), plugin.Reason);
        }

        foreach (var plugin in _plugins.Where(p => _withModules && !p.IsChosen && p.State == PluginState.Disabled))
        {
            _logger.Disabled(plugin.Id, plugin.Reason);
        }
    }

    /// <summary>What plugin.json promises must be there: a class that a promise was made for and that was passed over is an error, not a silence.</summary>
    private void CheckPromises(PluginManifest manifest, PluginParts parts)
    {
        var exports = PluginReport.ProvidesOf(parts);
        var promised = manifest.Provides.Where(p => _withModules || IsEnd(p)).ToList();
        if (promised.Except(exports, StringComparer.Ordinal).FirstOrDefault() is { } missing)
        {
            throw new PluginRefusedException(
                PluginState.Faulted, $"its plugin.json provides '{missing}', but {manifest.Entry} exports {string.Join(", ", exports)}; correct \"provides\", or the attribute of the class");
        }

        if (exports.Where(e => !e.StartsWith("module:", StringComparison.Ordinal)).Except(manifest.Provides, StringComparer.Ordinal).ToList() is { Count: > 0 } silent && _withModules)
        {
            _logger.NotPromised(manifest.Id, string.Join(", ", silent));
        }
    }

    /// <summary>Options are checked now, by every class the plugin will ask for: what is wrong is for the operator at the keyboard, not for a module's tries.</summary>
    private void CheckOptions(PluginManifest manifest, PluginAssembly assembly)
    {
        var classes = OptionsClasses.Of(assembly.Entry);
        if (OptionsAgreement.Unreachable(manifest, classes) is { } unreachable)
        {
            throw new PluginRefusedException(PluginState.Faulted, unreachable);
        }

        foreach (var type in _withModules ? classes : [])
        {
            _settings.Configuration.CheckOptions(manifest.Id, type);
        }
    }

    private bool IsProvided(string requirement)
    {
        var colon = requirement.IndexOf(':', StringComparison.Ordinal);
        var name = requirement[(colon + 1)..];
        return _plugins.Any(p => p.State == PluginState.Active && (p.Id == requirement || PluginReport.ProvidesOf(p).Contains(requirement) || (!_withModules && PluginOrder.Provides(p.Manifest!, requirement))))
            || (requirement.StartsWith("message:", StringComparison.Ordinal) && Messages.Owner(name) == BuiltInMessages.Owner)
            || (requirement.StartsWith("channel:", StringComparison.Ordinal) && Wiring.KernelDocuments.Formats.Any(f => f.DefaultChannel.Name.Value == name));
    }

    private static long EntryBytes(Plugin plugin) =>
        new FileInfo(Path.Combine(plugin.Folder!.Path, plugin.Manifest!.Entry)) is { Exists: true } entry ? entry.Length : 0;

    private static bool OffersEnds(PluginManifest manifest) => manifest.Provides.Any(IsEnd);

    private static bool IsEnd(string provision) =>
        provision.StartsWith("transport:", StringComparison.Ordinal) || provision.StartsWith("message:", StringComparison.Ordinal);

    private void AddOthers(IReadOnlyList<PluginFolder> folders, List<string> chosen)
    {
        foreach (var folder in folders.Where(f => _plugins.All(p => p.Id != f.Id)))
        {
            var plugin = new Plugin(folder.Id, folder) { IsChosen = chosen.Contains(folder.Id) };
            if (folder.Problem is { } problem)
            {
                plugin.Set(PluginState.Faulted, problem);
            }
            else
            {
                plugin.Set(PluginState.Disabled, plugin.IsChosen ? "a tool loads transports and messages only" : NotChosen(_settings.Configuration));
            }

            _plugins.Add(plugin);
        }

        foreach (var id in chosen.Where(c => folders.All(f => f.Id != c)))
        {
            var plugin = new Plugin(id, null) { IsChosen = true };
            plugin.Set(PluginState.Faulted, $"there is no plugin '{id}' in {_settings.Configuration.PluginsDirectory}; install it, or take it out of Plugins:Use");
            _plugins.Add(plugin);
        }
    }

    private async Task LoadAsync(Plugin plugin)
    {
        try
        {
            (plugin.Assembly, plugin.Parts) = await ComposeAsync(plugin.Folder!);
            foreach (var module in plugin.Parts.Modules)
            {
                module.Begin();
            }
        }
        catch (PluginRefusedException e)
        {
            plugin.Refuse(e);
        }
        catch (Exception e) when (e is not ConfigurationException)
        {
            plugin.Set(PluginState.Faulted, CompositionFailures.Explain(e));
        }
    }

    private async Task ShareAsync(Plugin plugin)
    {
        try
        {
            _gate.Check(plugin.Folder!);
            Shared.Add(plugin.Folder!);
        }
        catch (PluginRefusedException e)
        {
            plugin.Refuse(e);
            return;
        }
        catch (Exception e)
        {
            plugin.Set(PluginState.Faulted, CompositionFailures.Explain(e));
            return;
        }

        await LoadAsync(plugin);
        if (!plugin.IsLoaded)
        {
            Shared.Remove(plugin.Id);
        }
    }

    /// <summary>All that a plugin provides becomes known, or nothing of it.</summary>
    private async Task RegisterAsync(Plugin plugin)
    {
        if (Conflict(plugin.Manifest!, plugin.Parts!) is { } conflict)
        {
            await ReleaseAsync(plugin.Id, plugin.Assembly!, plugin.Parts);
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
            Messages.TryAdd(message, plugin.Id, PluginReload.IsReloadable(plugin.Manifest!));
        }

        plugin.Set(PluginState.Active, "loaded");
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.Loaded(plugin.Id, plugin.Manifest!.Version, string.Join(", ", PluginReport.ProvidesOf(plugin)));
        }
    }
}
