using System.Globalization;

namespace Omnisight;

/// <summary>A message's name and version: <c>omnisight.detections/2</c>.</summary>
/// <param name="Name">Dotted lower-case name, at most 60 characters.</param>
/// <param name="Version">From 1.</param>
public readonly record struct MessageId(string Name, int Version)
{
    /// <summary>Parses <c>name/version</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static MessageId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.LastIndexOf('/');
        return slash > 0 && slash <= 60 && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? new MessageId(text[..slash], version)
            : throw new FormatException($"'{text}' is not a message id: a name of at most 60 characters, '/', a version from 1 (acme.lidar/1)");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}/{Version}");
}
