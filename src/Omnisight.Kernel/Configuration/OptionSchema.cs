namespace Omnisight.Kernel.Configuration;

/// <summary>What one setting may be: from a plugin's manifest, or the kernel's own.</summary>
public sealed record OptionSchema
{
    /// <summary>The name in the section, PascalCase as in the options class.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required OptionType Type { get; init; }

    /// <summary>With <see cref="OptionType.Array"/>: the type of its items.</summary>
    public OptionType Items { get; init; } = OptionType.String;

    /// <summary>The value when nothing sets it; null = none.</summary>
    public ConfigValue? Default { get; init; }

    /// <summary>The least value: a number, or a duration.</summary>
    public ConfigValue? Minimum { get; init; }

    /// <summary>The greatest value: a number, or a duration.</summary>
    public ConfigValue? Maximum { get; init; }

    /// <summary>The only values there are; empty = any.</summary>
    public IReadOnlyList<string> Enum { get; init; } = [];

    /// <summary>A regular expression that the whole text (or each item) matches.</summary>
    public string? Pattern { get; init; }

    /// <summary>What it does, in words.</summary>
    public string Description { get; init; } = "";

    /// <summary>A change takes effect only at the next start.</summary>
    public bool Restart { get; init; }

    /// <summary>Never shown.</summary>
    public bool Secret { get; init; }
}
