using System.Runtime.Loader;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Configuration;

/// <summary>
/// A node's configuration: every setting with its value and source, checked against the kernel's own schema and the manifests of all plugins
/// in the directory. Thread-safe; a change replaces what it holds as a whole.
/// </summary>
public sealed class NodeConfiguration
{
    private readonly Lock _gate = new();
    private readonly SchemaSection _schema;
    private readonly Dictionary<ConfigLayer, IReadOnlyDictionary<string, ConfigEntry>> _layers;
    private readonly Dictionary<string, Dictionary<Type, LiveOptions>> _live = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, ConfigEntry> _entries;
    private volatile string _runtimeDirectory;

    private NodeConfiguration(
        ConfigurationSources sources,
        string pluginsDirectory,
        IReadOnlyList<PluginFolder> plugins,
        SchemaSection schema,
        Dictionary<ConfigLayer, IReadOnlyDictionary<string, ConfigEntry>> layers)
    {
        File = sources.File is null ? null : Path.GetFullPath(sources.File);
        PluginsDirectory = pluginsDirectory;
        PluginFolders = plugins;
        _schema = schema;
        _layers = layers;
        _entries = Merge(layers);
        if (Commands.Group is not null)
        {
            GiveGroupToTransport();
        }

        // A process is what it was at its start: a change of these is for the next one, whole.
        Instance = Text("Instance")!;
        Use = Text("Plugins:Use")!;
        ChosenPlugins = PluginSets.Resolve(Use, Sets, []);
        RequireTrusted = Flag("Plugins:RequireTrusted");
        _runtimeDirectory = Configuration.RuntimeDirectory.Resolve(Text("RuntimeDirectory"), Flag("SeedPaths"), sources.Environment);
    }

    /// <summary>The configuration file, absolute; null = none.</summary>
    public string? File { get; }

    /// <summary>What CONFIG_UPDATE persists into: <c>node.local.json</c> beside <c>node.json</c>; null without a file.</summary>
    public string? LocalFile => File is null ? null : LocalFileOf(File);

    /// <summary>The prefix of every name the node makes.</summary>
    public string Instance { get; }

    /// <summary>Where FIFOs, JSON files and keys are; <see cref="PrepareRuntimeDirectory"/> makes it.</summary>
    public string RuntimeDirectory => _runtimeDirectory;

    /// <summary>The least serious message that is logged.</summary>
    public LogLevel LogLevel => Enum.Parse<LogLevel>(Text("LogLevel")!, ignoreCase: true);

    /// <summary>The folder of plugin folders, absolute.</summary>
    public string PluginsDirectory { get; }

    /// <summary>Every plugin folder there is, chosen or not, with its manifest or its problem.</summary>
    public IReadOnlyList<PluginFolder> PluginFolders { get; }

    /// <summary>The name of the set to run.</summary>
    public string Use { get; }

    /// <summary>The ids of the plugins to run, in the set's order, each once.</summary>
    public IReadOnlyList<string> ChosenPlugins { get; }

    /// <summary>Load only what was recorded as trusted.</summary>
    public bool RequireTrusted { get; }

    /// <summary>Whether and how commands are answered.</summary>
    public CommandSettings Commands => new()
    {
        Serve = bool.TryParse(Text("Commands:Serve"), out var serve) ? serve : null,
        Rate = Number("Commands:Rate") ?? 200,
        Group = Text("Commands:Group"),
        HandlerTimeout = Duration("Commands:HandlerTimeout") ?? TimeSpan.FromMilliseconds(800),
    };

    /// <summary>The channels that configuration says something about.</summary>
    public IReadOnlyDictionary<string, ChannelSettings> Channels => Entries.Keys
        .Where(k => k.StartsWith("Channels:", StringComparison.Ordinal)).Select(k => k.Split(':')[1]).Distinct(StringComparer.Ordinal)
        .ToDictionary(n => n, Channel, StringComparer.Ordinal);

    /// <summary>Every setting that has a value, by key, with its source.</summary>
    public IReadOnlyDictionary<string, ConfigEntry> Entries => Volatile.Read(ref _entries);

    /// <summary>The plugin sets by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Sets => Entries
        .Where(e => e.Key.StartsWith("Plugins:Sets:", StringComparison.Ordinal))
        .ToDictionary(e => e.Key.Split(':')[2], e => (IReadOnlyList<string>)[.. e.Value.Value.Items.Select(i => i.ToString())], StringComparer.Ordinal);

    /// <summary>Raised after a change is in force, with the keys that changed, on the thread that made the change.</summary>
    public event Action<IReadOnlyList<string>>? Changed;

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="ConfigurationException">With all that is wrong at once; exit code 2.</exception>
    public static NodeConfiguration Load(ConfigurationSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var loader = new ConfigurationLoader(sources);
        var configuration = new NodeConfiguration(sources, loader.PluginsDirectory, loader.Plugins, loader.Schema, loader.Layers);
        _ = PluginSets.Resolve(configuration.Use, configuration.Sets, loader.Errors, configuration.Entries);
        ChannelReferences.Check(configuration.Entries.Values, configuration.PluginFolders, loader.Errors);
        if (loader.Errors.Exists(e => e.Code == "unknown_key") && configuration.PluginFolders.Count == 0)
        {
            // What is unknown is so because no manifest was found: that is the error, the others follow from it.
            loader.Errors.RemoveAll(e => e.Code == "unknown_key" && e.Message.StartsWith("unknown section", StringComparison.Ordinal));
            var there = Directory.Exists(configuration.PluginsDirectory);
            loader.Errors.Insert(0, new ConfigError(
                "missing", "Plugins:Directory",
                $"{configuration.PluginsDirectory} {(there ? "holds no plugins" : "does not exist")}, so that no plugin's settings are known; build the plugins, or correct Plugins:Directory",
                configuration.Entries["Plugins:Directory"].Source.Place));
        }

        return loader.Errors.Count == 0 ? configuration : throw new ConfigurationException(loader.Errors);
    }

    /// <summary>What configuration says of a channel; with nothing but its name when it says nothing.</summary>
    public ChannelSettings Channel(string name) => new()
    {
        Name = name,
        Transport = Text($"Channels:{name}:Transport"),
        Publisher = Text($"Channels:{name}:Publisher"),
        Message = Text($"Channels:{name}:Message"),
        StaleAfter = Duration($"Channels:{name}:StaleAfter"),
        Period = Duration($"Channels:{name}:Period"),
        Capacity = Number($"Channels:{name}:Capacity"),
        Version = Number($"Channels:{name}:Version"),
    };

    /// <summary>Refuses when a plugin of the chosen set is not in the plugins directory: what <c>run</c> and <c>config check</c> insist on, and tools don't.</summary>
    /// <exception cref="ConfigurationException">With all that are missing; exit code 2.</exception>
    public void RequireChosenPlugins()
    {
        var ids = PluginFolders.Select(f => f.Id).ToHashSet(StringComparer.Ordinal);
        var errors = ChosenPlugins.Where(id => !ids.Contains(id))
            .Select(id => new ConfigError("missing", "Plugins:Use", $"set '{Use}' names the plugin '{id}', which is not in {PluginsDirectory}"
                + (ids.Count == 0 ? "; the directory has no plugins: build them, or set Plugins:Directory" : Suggestion.For(id, ids))))
            .ToList();
        if (errors.Count > 0)
        {
            throw new ConfigurationException(errors);
        }
    }

    /// <summary>Makes the runtime directory (0700) when it isn't there; refuses one that is not ours or that others may write to.</summary>
    /// <exception cref="ConfigurationException">Exit code 4 (refused for safety) or 77 (no permission).</exception>
    public void PrepareRuntimeDirectory() => Configuration.RuntimeDirectory.Prepare(RuntimeDirectory);

    /// <summary>
    /// Where the instance keeps its files, as a running writer of it says: a process in another environment (a login shell beside a service) finds
    /// the core there. What is configured counts more. Before anything is opened.
    /// </summary>
    internal void FollowRuntimeDirectory(string directory)
    {
        if (!RuntimeDirectoryIsChosen)
        {
            _runtimeDirectory = Path.TrimEndingDirectorySeparator(directory);
        }
    }

    /// <summary>Configuration says where the runtime directory is, not only the environment.</summary>
    internal bool RuntimeDirectoryIsChosen => Text("RuntimeDirectory") is not null || Flag("SeedPaths");

    /// <summary>The live options of a plugin, bound from its section and validated; the same object each time.</summary>
    /// <exception cref="ConfigurationException">The options class refuses the values.</exception>
    public ILiveOptions<T> Options<T>(string pluginId)
        where T : class, new()
    {
        lock (_gate)
        {
            if (!_live.TryGetValue(pluginId, out var ofPlugin))
            {
                _live.Add(pluginId, ofPlugin = []);
            }

            if (!ofPlugin.TryGetValue(typeof(T), out var live))
            {
                var errors = new List<ConfigError>();
                var first = OptionsBinder.Bind<T>(pluginId, _entries, errors);
                if (errors.Count > 0)
                {
                    throw new ConfigurationException(errors);
                }

                ofPlugin.Add(typeof(T), live = new LiveOptions<T>(pluginId, first));
            }

            return (ILiveOptions<T>)live;
        }
    }

    /// <summary>Binds an options class of a plugin for nothing but its objections.</summary>
    /// <exception cref="ConfigurationException">It refuses the values.</exception>
    internal void CheckOptions(string pluginId, Type type)
    {
        var errors = new List<ConfigError>();
        OptionsBinder.Fill(Activator.CreateInstance(type)!, pluginId, Entries, errors);
        if (errors.Count > 0)
        {
            throw new ConfigurationException(errors);
        }
    }

    /// <summary>Forgets the options objects of a plugin whose classes are from this load context, so that it can be unloaded; those of its successor stay.</summary>
    internal void ReleaseOptions(string pluginId, AssemblyLoadContext context)
    {
        lock (_gate)
        {
            foreach (var type in _live.GetValueOrDefault(pluginId)?.Keys.Where(t => AssemblyLoadContext.GetLoadContext(t.Assembly) == context).ToList() ?? [])
            {
                _ = _live[pluginId].Remove(type);
            }
        }
    }

    /// <summary>
    /// Changes settings while the node runs: validated as a whole, then put in force at once, or refused and nothing is changed.
    /// </summary>
    /// <param name="module">A plugin id, an alias of its manifest, or a kernel section; null = <paramref name="partial"/> holds sections.</param>
    /// <param name="partial">A JSON object of the settings to change. Names may be snake_case.</param>
    /// <param name="persist">Also write it into <see cref="LocalFile"/>.</param>
    /// <param name="dryRun">Only say what would happen.</param>
    public ConfigUpdateResult TryUpdate(string? module, JsonElement partial, bool persist = false, bool dryRun = false)
    {
        ConfigUpdateResult result;
        lock (_gate)
        {
            result = new ConfigUpdate(_schema, this).Run(module, partial, persist, dryRun, out var layer, out var commit);
            if (!result.Accepted || dryRun || layer is null)
            {
                return result;
            }

            foreach (var (which, entries) in layer)
            {
                _layers[which] = entries;
            }

            Volatile.Write(ref _entries, Merge(_layers));
            commit();
        }

        if (result.Changed.Count > 0)
        {
            Changed?.Invoke(result.Changed);
        }

        return result;
    }

    /// <summary>Writes the config document: <c>timestamp, values, sources, pinned, schema</c>. Secrets are masked.</summary>
    public void WriteDocument(Utf8JsonWriter writer, long timestampMs) => ConfigDocument.Write(writer, Entries.Values, _schema, timestampMs);

    /// <summary>Writes the JSON schema of a configuration file for these plugins.</summary>
    public void WriteSchema(Utf8JsonWriter writer) => JsonSchemaWriter.Write(writer, _schema);

    internal IReadOnlyDictionary<string, ConfigEntry> Layer(ConfigLayer layer) =>
        _layers.GetValueOrDefault(layer) ?? new Dictionary<string, ConfigEntry>();

    internal IEnumerable<LiveOptions> Live(string section) => _live.TryGetValue(section, out var live) ? live.Values : [];

    internal static IReadOnlyDictionary<string, ConfigEntry> Merge(IReadOnlyDictionary<ConfigLayer, IReadOnlyDictionary<string, ConfigEntry>> layers)
    {
        var merged = new SortedDictionary<string, ConfigEntry>(StringComparer.Ordinal);
        foreach (var entry in layers.OrderBy(l => l.Key).SelectMany(l => l.Value.Values))
        {
            merged[entry.Key] = entry;
        }

        return merged;
    }

    internal static string LocalFileOf(string file) => Path.ChangeExtension(file, ".local.json");

    /// <summary>A transport sees only its own section: the group of the commands is the default of the one that carries them.</summary>
    private void GiveGroupToTransport()
    {
        var carrier = PluginFolders.FirstOrDefault(f => f.Manifest?.Provides.Contains("transport:" + Text("Channels:commands:Transport")) == true)?.Manifest;
        if (carrier?.Options.GetValueOrDefault("Group") is { } option)
        {
            var key = carrier.Id + ":Group";
            var group = new ConfigEntry(key, option, Entries["Commands:Group"].Value, new ConfigSource(ConfigLayer.Default, "Commands:Group"));
            _layers[ConfigLayer.Default] = new Dictionary<string, ConfigEntry>(Layer(ConfigLayer.Default)) { [key] = group };
            _entries = Merge(_layers);
        }
    }

    private string? Text(string key) => Entries.GetValueOrDefault(key)?.Value.ToString();

    private bool Flag(string key) => Entries.GetValueOrDefault(key)?.Value.Value is true;

    private int? Number(string key) => Entries.GetValueOrDefault(key)?.Value.Value is long number ? (int)number : null;

    private TimeSpan? Duration(string key) => Entries.GetValueOrDefault(key)?.Value.Value as TimeSpan?;
}
