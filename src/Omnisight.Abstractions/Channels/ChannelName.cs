namespace Omnisight;

/// <summary>
/// The name of a channel: <c>[a-z0-9_-]{1,31}</c>. A name is checked before any file is touched, so a
/// <see cref="ChannelName"/> can be put into a path as it is.
/// </summary>
/// <example><code>var detections = ChannelName.Parse("detections");</code></example>
public readonly record struct ChannelName
{
    /// <summary>The longest name, in characters: the region header keeps 32 bytes with the final NUL.</summary>
    public const int MaxLength = 31;

    private readonly string? _value;

    private ChannelName(string value) => _value = value;

    /// <summary>The name as text; empty only for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>Parses a name.</summary>
    /// <exception cref="FormatException">The text is not <c>[a-z0-9_-]{1,31}</c>.</exception>
    public static ChannelName Parse(string text) =>
        TryParse(text, out var name)
            ? name
            : throw new FormatException($"'{text}' is not a channel name: 1 to {MaxLength} characters of a-z, 0-9, '_' and '-'");

    /// <summary>Parses a name; false when the text is not one.</summary>
    public static bool TryParse(string? text, out ChannelName name)
    {
        name = default;
        if (text is null || text.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-'))
            {
                return false;
            }
        }

        name = new ChannelName(text);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
