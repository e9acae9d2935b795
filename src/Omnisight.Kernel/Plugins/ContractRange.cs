using System.Diagnostics.CodeAnalysis;

namespace Omnisight.Kernel.Plugins;

/// <summary>The contract versions a plugin works with: <c>[1.0,2.0)</c>, '[' and ']' inclusive, '(' and ')' exclusive.</summary>
public sealed record ContractRange(Version Minimum, bool MinimumIncluded, Version Maximum, bool MaximumIncluded)
{
    /// <summary>Parses a range; false when the text is none.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ContractRange? range)
    {
        range = null;
        if (text is not { Length: > 4 } || text[0] is not ('[' or '(') || text[^1] is not (']' or ')'))
        {
            return false;
        }

        var parts = text[1..^1].Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || !Version.TryParse(parts[0], out var minimum) || !Version.TryParse(parts[1], out var maximum) || Full(minimum) > Full(maximum))
        {
            return false;
        }

        range = new ContractRange(minimum, text[0] == '[', maximum, text[^1] == ']');
        return true;
    }

    /// <summary>True when the version lies inside.</summary>
    public bool Contains(Version version)
    {
        var (tested, minimum, maximum) = (Full(version), Full(Minimum), Full(Maximum));
        return (MinimumIncluded ? tested >= minimum : tested > minimum) && (MaximumIncluded ? tested <= maximum : tested < maximum);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(MinimumIncluded ? '[' : '(')}{Minimum},{Maximum}{(MaximumIncluded ? ']' : ')')}";

    /// <summary>With all four parts: to <see cref="Version"/>, 1.0 is less than 1.0.0.</summary>
    private static Version Full(Version version) => new(version.Major, version.Minor, Math.Max(version.Build, 0), Math.Max(version.Revision, 0));
}
