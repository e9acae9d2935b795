using System.Text;
using System.Text.Unicode;

namespace Omnisight.Messages;

/// <summary>UTF-8 text in a field of fixed size, padded with NUL; a text that fills its field has none.</summary>
internal static class FixedText
{
    /// <summary>Writes as many whole characters as fit, and zeros.</summary>
    public static void Write(ReadOnlySpan<char> text, Span<byte> field)
    {
        // A text ends at its first NUL on the way back, so it does on the way in.
        var end = text.IndexOf('\0');
        _ = Utf8.FromUtf16(end < 0 ? text : text[..end], field, out _, out var written);
        field[written..].Clear();
    }

    /// <summary>The text without its padding.</summary>
    public static ReadOnlySpan<byte> Used(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    /// <summary>As a string; bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Read(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(Used(field));
}
