using System.Text.Json;
using System.Text.RegularExpressions;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Plugins;

/// <summary>Reads one <c>plugin.json</c> and gathers all that is wrong with it.</summary>
internal sealed partial class ManifestReader(string file)
{
    private static readonly string[] Keys =
        ["$schema", "id", "version", "contract", "entry", "description", "aliases", "reloadable", "provides", "requires", "sharedAssemblies", "options", "files"];

    private readonly List<string> _problems = [];

    public PluginManifest Read(ReadOnlySpan<byte> utf8)
    {
        JsonNodeTree root;
        try
        {
            root = JsonNodeTree.Parse(utf8);
        }
        catch (JsonTreeException e)
        {
            throw new PluginManifestException($"{file}:{e.Line}:{e.Column}: {e.Message}", e);
        }

        if (root.Kind != JsonValueKind.Object)
        {
            throw new PluginManifestException($"{file}:{root.Line}:{root.Column}: {root.Describe()} is not a manifest: it must be an object");
        }

        foreach (var (name, node) in root.Members.Where(m => !Keys.Contains(m.Name)))
        {
            Problem(node, $"unknown key '{name}'{Suggestion.For(name, Keys)}");
        }

        var id = Text(root, "id", required: true);
        Check(root["id"], id is null || IdPattern().IsMatch(id), $"id '{id}' is not [A-Za-z0-9.]{{1,64}} without a dot at its ends");
        Check(root["id"], id is null || !ConfigSchema.KernelNames.Contains(id, StringComparer.OrdinalIgnoreCase), $"id '{id}' is the name of a section of the kernel; choose another");
        var version = Text(root, "version", required: true);
        Check(root["version"], version is null || VersionPattern().IsMatch(version), $"version '{version}' is not MAJOR.MINOR.PATCH (with -suffix if you like)");
        var entry = Text(root, "entry", required: true);
        Check(root["entry"], entry is null || (IsFileName(entry) && entry.EndsWith(".dll", StringComparison.Ordinal)), $"entry '{entry}' is not a .dll file name in the plugin's folder");
        var contract = Text(root, "contract", required: true);
        var range = default(ContractRange);
        Check(root["contract"], contract is null || ContractRange.TryParse(contract, out range), $"contract '{contract}' is not a range of versions: [1.0,2.0) means from 1.0, below 2.0");

        var provides = Texts(root, "provides");
        foreach (var text in provides.Where(t => !ProvisionPattern().IsMatch(t)))
        {
            Problem(root["provides"]!, $"provides '{text}' is not transport:SCHEME, channel:NAME, message:NAME or module:NAME");
        }

        var shared = Texts(root, "sharedAssemblies");
        foreach (var text in shared.Where(t => !IsFileName(t)))
        {
            Problem(root["sharedAssemblies"]!, $"sharedAssemblies '{text}' is not the name of an assembly");
        }

        var aliases = Texts(root, "aliases");
        foreach (var text in aliases.Where(t => !AliasPattern().IsMatch(t)))
        {
            Problem(root["aliases"]!, $"alias '{text}' is not [a-z0-9_-]{{1,31}}");
        }

        var manifest = new PluginManifest
        {
            Id = id ?? "",
            Version = version ?? "",
            Contract = range ?? new ContractRange(new Version(0, 0), true, new Version(0, 0), true),
            Entry = entry ?? "",
            Description = Text(root, "description") ?? "",
            Aliases = aliases,
            Reloadable = Flag(root, "reloadable"),
            Provides = provides,
            Requires = Texts(root, "requires"),
            SharedAssemblies = shared,
            Options = Options(root["options"]),
            Files = Files(root["files"]),
        };
        return _problems.Count == 0 ? manifest : throw new PluginManifestException(string.Join("; ", _problems));
    }

    private Dictionary<string, OptionSchema> Options(JsonNodeTree? node)
    {
        var options = new Dictionary<string, OptionSchema>(StringComparer.Ordinal);
        if (node is null || !Check(node, node.Kind == JsonValueKind.Object, $"options is {node.Describe()}, not an object"))
        {
            return options;
        }

        foreach (var (name, member) in node.Members)
        {
            if (Check(member, OptionPattern().IsMatch(name), $"option '{name}' is not PascalCase")
                && Check(member, member.Kind == JsonValueKind.Object, $"option '{name}' is {member.Describe()}, not an object")
                && Option(name, member) is { } option)
            {
                options.Add(name, option);
            }
        }

        return options;
    }

    private OptionSchema? Option(string name, JsonNodeTree node)
    {
        string[] keys = ["type", "items", "default", "minimum", "maximum", "enum", "pattern", "description", "restart", "secret"];
        foreach (var (key, member) in node.Members.Where(m => !keys.Contains(m.Name)))
        {
            Problem(member, $"option '{name}' has an unknown key '{key}'{Suggestion.For(key, keys)}");
        }

        if (Type(node, "type") is not { } type)
        {
            return null;
        }

        var option = new OptionSchema
        {
            Name = name,
            Type = type,
            Items = node["items"] is null ? OptionType.String : Type(node, "items") ?? OptionType.String,
            Enum = Texts(node, "enum"),
            Pattern = Pattern(node, name),
            Description = Text(node, "description") ?? "",
            Restart = Flag(node, "restart"),
            Secret = Flag(node, "secret"),
        };
        option = option with { Minimum = Bound(option, node["minimum"]), Maximum = Bound(option, node["maximum"]) };
        if (node["default"] is { Kind: not JsonValueKind.Null } text)
        {
            option = option with { Default = OptionCheck.Read(option, text, out _, out var problem) };
            Check(text, problem is null, $"default of option '{name}': {problem}");
        }

        return option;
    }

    private string? Pattern(JsonNodeTree node, string option)
    {
        var pattern = Text(node, "pattern");
        try
        {
            if (pattern is not null)
            {
                _ = OptionCheck.Compile(pattern);
            }

            return pattern;
        }
        catch (ArgumentException e)
        {
            Problem(node["pattern"], $"pattern '{pattern}' of option '{option}' is no regular expression: {e.Message}");
            return null;
        }
    }

    private ConfigValue? Bound(OptionSchema option, JsonNodeTree? node)
    {
        if (node is null)
        {
            return null;
        }

        var type = option.Type == OptionType.Array ? option.Items : option.Type;
        var value = OptionCheck.Read(new OptionSchema { Name = option.Name, Type = type }, node, out _, out var problem);
        Check(node, problem is null && value?.Magnitude is not null, $"bound of option '{option.Name}': {problem ?? $"{node.Describe()} is no number"}");
        return value;
    }

    private OptionType? Type(JsonNodeTree node, string key)
    {
        var text = Text(node, key, required: true);
        if (text is null)
        {
            return null;
        }

        var names = Enum.GetNames<OptionType>().Select(n => n.ToLowerInvariant()).ToList();
        var index = names.IndexOf(text);
        return Check(node[key], index >= 0, $"{key} '{text}' is not one of {string.Join(", ", names)}") ? (OptionType)index : null;
    }

    private Dictionary<string, string> Files(JsonNodeTree? node)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is not null)
        {
            Check(node, node.Kind == JsonValueKind.Object, $"files is {node.Describe()}, not an object of file names and SHA-256");
        }

        foreach (var (name, hash) in node?.Members ?? [])
        {
            if (Check(hash, hash.Kind == JsonValueKind.String && HashPattern().IsMatch(hash.Text), $"files '{name}': {hash.Describe()} is not a SHA-256 in hex")
                && Check(hash, !Path.IsPathRooted(name) && !name.Split('/', '\\').Any(p => p is ".." or "." or ""), $"files '{name}' lies outside the plugin's folder"))
            {
                files.Add(name, hash.Text.ToLowerInvariant());
            }
        }

        return files;
    }

    private string? Text(JsonNodeTree node, string key, bool required = false)
    {
        var found = node[key];
        if (found is null)
        {
            Check(node, !required, $"'{key}' is missing");
            return null;
        }

        return Check(found, found.Kind == JsonValueKind.String, $"{key} is {found.Describe()}, not a text") ? found.Text : null;
    }

    private bool Flag(JsonNodeTree node, string key) =>
        node[key] is { } found && Check(found, found.Kind is JsonValueKind.True or JsonValueKind.False, $"{key} is {found.Describe()}, not true or false") && found.Kind == JsonValueKind.True;

    private IReadOnlyList<string> Texts(JsonNodeTree node, string key) =>
        node[key] is not { } found ? []
        : Check(found, found.Kind == JsonValueKind.Array && found.Items.All(i => i.Kind == JsonValueKind.String), $"{key} is not a list of texts") ? [.. found.Items.Select(i => i.Text)]
        : [];

    private bool Check(JsonNodeTree? node, bool good, string problem)
    {
        if (!good)
        {
            Problem(node, problem);
        }

        return good;
    }

    private void Problem(JsonNodeTree? node, string problem) => _problems.Add($"{file}:{node?.Line ?? 1}:{node?.Column ?? 1}: {problem}");

    private static bool IsFileName(string text) => text.Length > 0 && text is not ("." or "..") && !text.AsSpan().ContainsAny('/', '\\', '\0');

    [GeneratedRegex(@"^(?=.{1,64}\z)[A-Za-z0-9]([A-Za-z0-9.]*[A-Za-z0-9])?\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"^\d+\.\d+(\.\d+){0,2}([-+][0-9A-Za-z.+-]+)?\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"^(transport:[a-z0-9-]{1,31}|channel:[a-z0-9_-]{1,31}|message:[a-z0-9._-]{1,60}|module:[A-Za-z0-9_.-]{1,64})\z")]
    private static partial Regex ProvisionPattern();

    [GeneratedRegex(@"^[a-z0-9_-]{1,31}\z")]
    private static partial Regex AliasPattern();

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9]{0,63}\z")]
    private static partial Regex OptionPattern();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z")]
    private static partial Regex HashPattern();
}
