using System.Text.RegularExpressions;

namespace Omnisight.Kernel.Configuration;

/// <summary>A part of the configuration tree: its settings, its sections, and the names that are free to choose.</summary>
internal sealed class SchemaSection
{
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    public Dictionary<string, OptionSchema> Options { get; init; } = new(StringComparer.Ordinal);

    public Dictionary<string, SchemaSection> Sections { get; init; } = new(StringComparer.Ordinal);

    /// <summary>A setting whose name is free: Plugins:Sets:*.</summary>
    public OptionSchema? AnyOption { get; init; }

    /// <summary>A section whose name is free: Channels:*.</summary>
    public SchemaSection? AnySection { get; init; }

    /// <summary>What a free name looks like.</summary>
    public Regex? AnyName { get; init; }

    /// <summary>Its content can't be checked: a plugin folder whose manifest is broken.</summary>
    public bool Unknown { get; init; }

    public IEnumerable<string> Names => Options.Keys.Concat(Sections.Keys);

    /// <summary>Finds a member by its name, or by a name that differs only in case, dots, dashes and underscores.</summary>
    public SchemaMember? Find(string name)
    {
        if (Member(name) is { } exact)
        {
            return exact;
        }

        var loose = Suggestion.Loose(name);
        return Names.FirstOrDefault(n => Suggestion.Loose(n) == loose) is { } known ? Member(known) : Free(name) ?? Free(name.ToLowerInvariant());
    }

    private SchemaMember? Member(string name) =>
        Options.TryGetValue(name, out var option) ? new SchemaMember(name, option, null)
        : Sections.TryGetValue(name, out var section) ? new SchemaMember(name, null, section)
        : null;

    private SchemaMember? Free(string name) =>
        AnyName?.IsMatch(name) == true ? new SchemaMember(name, AnyOption is null ? null : AnyOption with { Name = name }, AnySection) : null;
}

/// <summary>A member of a section, by its true name: a setting or a section.</summary>
internal sealed record SchemaMember(string Name, OptionSchema? Option, SchemaSection? Section);
