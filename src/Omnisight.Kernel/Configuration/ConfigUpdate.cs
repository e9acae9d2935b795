using System.Text;
using System.Text.Json;

namespace Omnisight.Kernel.Configuration;

/// <summary>Works out one change: what it means, whether all of it is allowed, and what puts it in force.</summary>
internal sealed class ConfigUpdate(SchemaSection schema, NodeConfiguration configuration)
{
    private readonly List<ConfigError> _errors = [];

    public ConfigUpdateResult Run(
        string? module, JsonElement partial, bool persist, bool dryRun,
        out Dictionary<ConfigLayer, IReadOnlyDictionary<string, ConfigEntry>>? layers, out Action commit)
    {
        (layers, commit) = (null, () => { });
        var wanted = Read(module, partial);
        foreach (var entry in wanted.Values)
        {
            if (entry.Key.StartsWith("Plugins:", StringComparison.Ordinal))
            {
                // Whoever may change a threshold must not choose the code that runs, nor switch the checking of it off.
                _errors.Add(new ConfigError("read_only", entry.Key, "which plugins run is not changed at run time; change it in the configuration file and start again"));
            }

            if (configuration.Entries.GetValueOrDefault(entry.Key) is { Source.Pins: true } pinned)
            {
                _errors.Add(new ConfigError("pinned", entry.Key, $"is pinned by {pinned.Source}; remove it there and start again to change it at run time", pinned.Source.Place));
            }
        }

        if (persist && configuration.LocalFile is null)
        {
            _errors.Add(new ConfigError("no_config_file", "", "there is nothing to persist beside: the node runs without a file; start it with --config FILE"));
        }

        var next = new SortedDictionary<string, ConfigEntry>(configuration.Entries.ToDictionary(), StringComparer.Ordinal);
        foreach (var (key, entry) in wanted)
        {
            next[key] = entry;
        }

        var sections = wanted.Keys.Select(k => k.Split(':')[0]).Distinct(StringComparer.Ordinal).ToList();
        var commits = _errors.Count > 0 ? [] : sections.SelectMany(configuration.Live).Select(l => l.Prepare(next, _errors)).ToList();
        ChannelReferences.Check(wanted.Values, configuration.PluginFolders, _errors);
        var changed = wanted.Values.Where(e => configuration.Entries.GetValueOrDefault(e.Key)?.Value.Equals(e.Value) != true).ToList();
        if (_errors.Count == 0 && !dryRun)
        {
            layers = NewLayers(wanted, persist);
            commit = () => commits.ForEach(c => c());
        }

        return new ConfigUpdateResult
        {
            Sections = sections,
            Errors = _errors,
            Changed = [.. changed.Select(e => e.Key)],
            RestartRequired = [.. changed.Where(e => e.Option.Restart).Select(e => e.Key)],
        };
    }

    private Dictionary<string, ConfigEntry> Read(string? module, JsonElement partial)
    {
        var layer = new LayerReader(schema, _errors);
        if (partial.ValueKind != JsonValueKind.Object)
        {
            _errors.Add(new ConfigError("bad_value", module ?? "", "'config' must be an object of the settings to change: {\"confidence_threshold\": 0.7}"));
            return layer.Entries;
        }

        JsonNodeTree tree;
        try
        {
            tree = JsonNodeTree.Parse(Encoding.UTF8.GetBytes(partial.GetRawText()));
        }
        catch (Exception e) when (e is JsonTreeException or InvalidOperationException)
        {
            _errors.Add(new ConfigError("bad_json", module ?? "", e.Message));
            return layer.Entries;
        }

        if (module is null)
        {
            layer.Section(schema, tree, "", ConfigLayer.Runtime, "");
        }
        else if (SectionOf(module) is { } section)
        {
            layer.Section(section, tree, section.Name + ":", ConfigLayer.Runtime, "");
        }

        return layer.Entries;
    }

    /// <summary>By section name, else by alias: of a plugin that runs if there is one, because several may share an alias.</summary>
    private SchemaSection? SectionOf(string module)
    {
        var chosen = configuration.ChosenPlugins;
        var aliased = configuration.PluginFolders.Where(f => f.Manifest?.Aliases.Contains(module, StringComparer.OrdinalIgnoreCase) == true)
            .OrderBy(f => chosen.Contains(f.Id) ? 0 : 1).FirstOrDefault();
        var section = schema.Find(module)?.Section ?? (aliased is null ? null : schema.Sections[aliased.Id]);
        if (section is null or { Unknown: true })
        {
            var known = schema.Sections.Keys.Concat(configuration.PluginFolders.SelectMany(f => f.Manifest?.Aliases ?? []));
            _errors.Add(new ConfigError("unknown_module", module, $"unknown module '{module}'{Suggestion.For(module, known)}"));
            return null;
        }

        return section;
    }

    private Dictionary<ConfigLayer, IReadOnlyDictionary<string, ConfigEntry>>? NewLayers(Dictionary<string, ConfigEntry> wanted, bool persist)
    {
        var runtime = new Dictionary<string, ConfigEntry>(configuration.Layer(ConfigLayer.Runtime).ToDictionary(), StringComparer.Ordinal);
        if (!persist)
        {
            foreach (var (key, entry) in wanted)
            {
                runtime[key] = entry;
            }

            return new() { [ConfigLayer.Runtime] = runtime };
        }

        var local = new SortedDictionary<string, ConfigEntry>(configuration.Layer(ConfigLayer.Local).ToDictionary(), StringComparer.Ordinal);
        foreach (var (key, entry) in wanted)
        {
            _ = runtime.Remove(key);
            local[key] = entry with { Source = new ConfigSource(ConfigLayer.Local, configuration.LocalFile!) };
        }

        try
        {
            LocalFileWriter.Write(configuration.LocalFile!, local.Values);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _errors.Add(new ConfigError("persist_failed", "", $"{configuration.LocalFile} can't be written ({e.Message}); nothing was changed"));
            return null;
        }

        return new() { [ConfigLayer.Runtime] = runtime, [ConfigLayer.Local] = local };
    }
}
