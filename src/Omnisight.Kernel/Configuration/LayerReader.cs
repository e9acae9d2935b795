using System.Text.Json;

namespace Omnisight.Kernel.Configuration;

/// <summary>Reads one source into entries by their true keys, and gathers everything that is wrong with it.</summary>
internal sealed class LayerReader(SchemaSection root, List<ConfigError> errors)
{
    private const string Prefix = "OMNISIGHT__";

    public Dictionary<string, ConfigEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>A file's document: <c>{"Omnisight":{...}}</c>.</summary>
    public void Document(ReadOnlySpan<byte> utf8, ConfigLayer layer, string file)
    {
        try
        {
            var document = JsonNodeTree.Parse(utf8);
            if (document.Kind != JsonValueKind.Object || document["Omnisight"] is not { Kind: JsonValueKind.Object })
            {
                errors.Add(new ConfigError("bad_json", "", "the document must be {\"Omnisight\": { ... }}", At(layer, file, document)));
                return;
            }

            foreach (var (name, node) in document.Members)
            {
                if (name == "Omnisight")
                {
                    Section(root, node, "", layer, file);
                }
                else if (name != "$schema")
                {
                    errors.Add(new ConfigError("unknown_key", name, "unknown key beside \"Omnisight\"; settings go below it", At(layer, file, node)));
                }
            }
        }
        catch (JsonTreeException e)
        {
            errors.Add(new ConfigError("bad_json", "", e.Message, $"{file}:{e.Line}:{e.Column}"));
        }
    }

    /// <summary>The members of one section.</summary>
    public void Section(SchemaSection section, JsonNodeTree node, string prefix, ConfigLayer layer, string file)
    {
        foreach (var (name, value) in node.Members)
        {
            var key = prefix + name;
            if (section.Find(name) is not { } member)
            {
                errors.Add(new ConfigError("unknown_key", key, Unknown(section, name), At(layer, file, value)));
            }
            else if (member.Section is { } inner)
            {
                if (value.Kind != JsonValueKind.Object)
                {
                    errors.Add(new ConfigError("bad_value", prefix + member.Name, $"{value.Describe()} is not a section; write {{ ... }}", At(layer, file, value)));
                }
                else if (!inner.Unknown)
                {
                    Section(inner, value, $"{prefix}{member.Name}:", layer, file);
                }
            }
            else
            {
                var read = OptionCheck.Read(member.Option!, value, out var code, out var problem);
                Add(prefix + member.Name, member.Option!, read, code, problem, new ConfigSource(layer, At(layer, file, value)));
            }
        }
    }

    /// <summary>All variables named OMNISIGHT__...</summary>
    public void Environment(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, text) in variables.Where(v => v.Key.StartsWith(Prefix, StringComparison.Ordinal)).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            Text(name[Prefix.Length..].Split("__"), text, new ConfigSource(ConfigLayer.Environment, $"environment {name}"));
        }
    }

    /// <summary>One <c>KEY=VALUE</c> of the command line.</summary>
    public void Set(string assignment, string option = "--set")
    {
        var source = new ConfigSource(ConfigLayer.CommandLine, option);
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            errors.Add(new ConfigError("bad_value", assignment, "not KEY=VALUE; write for example --set Api.Rest:Urls=http://127.0.0.1:9000", source.Place));
            return;
        }

        Text(assignment[..equals].Split(':'), assignment[(equals + 1)..], source);
    }

    private void Text(string[] path, string text, ConfigSource source)
    {
        var section = root;
        var prefix = "";
        for (var i = 0; i < path.Length; i++)
        {
            var member = section.Find(path[i]);
            var last = i == path.Length - 1;
            if (member is null || (last ? member.Option is null : member.Section is null))
            {
                var message = member is null ? Unknown(section, path[i])
                    : last ? $"'{member.Name}' is a section; name a setting in it{Suggestion.For("", member.Section!.Names)}"
                    : $"'{member.Name}' is a setting, not a section";
                errors.Add(new ConfigError("unknown_key", prefix + string.Join(':', path[i..]), message, source.Place));
                return;
            }

            if (member.Section is { Unknown: true })
            {
                return;
            }

            if (member.Option is { } option)
            {
                var value = OptionCheck.Read(option, text, out var code, out var problem);
                Add(prefix + member.Name, option, value, code, problem, source);
                return;
            }

            section = member.Section!;
            prefix += member.Name + ":";
        }
    }

    private void Add(string key, OptionSchema option, ConfigValue? value, string? code, string? problem, ConfigSource source)
    {
        if (value is null)
        {
            errors.Add(new ConfigError(code!, key, problem!, source.Place));
        }
        else
        {
            Entries[key] = new ConfigEntry(key, option, value, source);
        }
    }

    private string Unknown(SchemaSection section, string name)
    {
        if (section.AnyName is { } pattern)
        {
            return $"'{name}' is not a name of {(section.AnySection is null ? "a set" : "a channel")}: {pattern.ToString().TrimStart('^').Replace("\\z", "", StringComparison.Ordinal)}";
        }

        // A setting that exists elsewhere is a likelier slip than a misspelt one.
        var elsewhere = section == root ? null : root.Options.Keys.FirstOrDefault(o => Suggestion.Loose(o) == Suggestion.Loose(name));
        var noun = section == root ? "section or plugin" : "key";
        return $"unknown {noun} '{name}'{(elsewhere is null ? Suggestion.For(name, section.Names) : $"; '{elsewhere}' belongs directly below \"Omnisight\"")}";
    }

    private static string At(ConfigLayer layer, string file, JsonNodeTree node) =>
        layer switch
        {
            ConfigLayer.Default => file,
            ConfigLayer.Runtime => "CONFIG_UPDATE",
            _ => $"{file}:{node.Line}:{node.Column}",
        };
}
