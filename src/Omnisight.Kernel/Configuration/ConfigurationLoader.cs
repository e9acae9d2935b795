using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Configuration;

/// <summary>Reads all sources. The plugins directory is itself a setting, so they are read once for it, then in full against its manifests.</summary>
internal sealed class ConfigurationLoader
{
    private readonly ConfigurationSources _sources;
    private readonly byte[]? _file;
    private readonly byte[]? _local;

    public ConfigurationLoader(ConfigurationSources sources)
    {
        _sources = sources;
        if (sources.File is { } file)
        {
            _file = ReadFile(file, required: true);
            _local = ReadFile(NodeConfiguration.LocalFileOf(file), required: false);
        }

        // Without the manifests most sections are unknown: what is wrong shows in the second round.
        PluginsDirectory = FindPlugins(NodeConfiguration.Merge(ReadAll(ConfigSchema.Build([]), [])));
        Plugins = PluginFolder.Scan(PluginsDirectory);
        Schema = ConfigSchema.Build(Plugins);
        Layers = ReadAll(Schema, Errors);
    }

    public List<ConfigError> Errors { get; } = [];

    public string PluginsDirectory { get; }

    public IReadOnlyList<PluginFolder> Plugins { get; }

    public SchemaSection Schema { get; }

    public Dictionary<ConfigLayer, IReadOnlyDictionary<string, ConfigEntry>> Layers { get; }

    private Dictionary<ConfigLayer, IReadOnlyDictionary<string, ConfigEntry>> ReadAll(SchemaSection schema, List<ConfigError> errors)
    {
        var layers = new Dictionary<ConfigLayer, IReadOnlyDictionary<string, ConfigEntry>>();
        void Layer(ConfigLayer layer, Action<LayerReader> read)
        {
            var reader = new LayerReader(schema, errors);
            read(reader);
            layers[layer] = reader.Entries;
        }

        Layer(ConfigLayer.Default, r =>
        {
            foreach (var (id, section) in schema.Sections)
            {
                foreach (var option in section.Options.Values.Where(o => o.Default is not null))
                {
                    r.Entries[$"{id}:{option.Name}"] = new ConfigEntry($"{id}:{option.Name}", option, option.Default!, new ConfigSource(ConfigLayer.Default, BuiltInDefaults.Place));
                }
            }

            r.Document(BuiltInDefaults.Json, ConfigLayer.Default, BuiltInDefaults.Place);
        });
        Layer(ConfigLayer.File, r => Document(r, _file, ConfigLayer.File, _sources.File));
        Layer(ConfigLayer.Local, r => Document(r, _local, ConfigLayer.Local, _sources.File is { } f ? NodeConfiguration.LocalFileOf(f) : null));
        Layer(ConfigLayer.Environment, r => r.Environment(_sources.Environment));
        Layer(ConfigLayer.CommandLine, CommandLine);
        return layers;
    }

    private static void Document(LayerReader reader, byte[]? utf8, ConfigLayer layer, string? file)
    {
        if (utf8 is not null)
        {
            reader.Document(utf8, layer, file!);
        }
    }

    private void CommandLine(LayerReader reader)
    {
        if (_sources.Instance is { } instance)
        {
            reader.Set($"Instance={instance}", "--instance");
        }

        if (_sources.Profile is { } profile)
        {
            reader.Set($"Plugins:Use={profile}", "--profile");
        }

        foreach (var assignment in _sources.Set)
        {
            reader.Set(assignment);
        }
    }

    private string FindPlugins(IReadOnlyDictionary<string, ConfigEntry> entries)
    {
        var entry = entries["Plugins:Directory"];
        var relativeTo = entry.Source.Layer is ConfigLayer.File or ConfigLayer.Local ? Path.GetDirectoryName(Path.GetFullPath(_sources.File!))! : Directory.GetCurrentDirectory();
        return entry.Source.Layer == ConfigLayer.Default && _sources.DefaultPluginsDirectory is { } found
            ? Path.GetFullPath(found)
            : Path.GetFullPath(entry.Value.ToString(), relativeTo);
    }

    private static byte[]? ReadFile(string file, bool required)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (!required && e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigurationException([new ConfigError("missing", "", $"there is no configuration file {Path.GetFullPath(file)}; check --config, or leave it out to run with the defaults")]);
        }
        catch (UnauthorizedAccessException)
        {
            throw new ConfigurationException([new ConfigError("missing", "", $"no permission to read {file} as uid {FileOwner.EffectiveUser}")], 77);
        }
        catch (IOException e)
        {
            throw new ConfigurationException([new ConfigError("missing", "", $"{file} can't be read: {e.Message}")]);
        }
    }
}
