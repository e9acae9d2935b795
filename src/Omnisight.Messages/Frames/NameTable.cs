using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>The names of an enumeration's numbers; a number without a name is <c>unknown(N)</c>.</summary>
internal sealed class NameTable(params string[] names)
{
    private const string UnknownPrefix = "unknown(";
    private readonly JsonEncodedText[] _encoded = [.. names.Select(n => JsonEncodedText.Encode(n))];

    /// <summary>How many numbers have names.</summary>
    public int Count => names.Length;

    /// <summary>Writes a number's name as a JSON string value.</summary>
    public void WriteValue(Utf8JsonWriter writer, uint number) => WriteValue(writer, number < _encoded.Length ? (int)number : -1, number);

    /// <summary>Writes the name at an index, or <c>unknown(number)</c> without one.</summary>
    public void WriteValue(Utf8JsonWriter writer, int index, uint number)
    {
        if (index >= 0)
        {
            writer.WriteStringValue(_encoded[index]);
            return;
        }

        Span<byte> text = stackalloc byte[24];
        _ = Encoding.ASCII.GetBytes(UnknownPrefix, text);
        _ = Utf8Formatter.TryFormat(number, text[UnknownPrefix.Length..], out var digits);
        text[UnknownPrefix.Length + digits] = (byte)')';
        writer.WriteStringValue(text[..(UnknownPrefix.Length + digits + 1)]);
    }

    /// <summary>The index of a name, or the number of <c>unknown(N)</c>; false when it is neither.</summary>
    public bool TryParse(string? text, out int index, out uint number)
    {
        index = Array.IndexOf(names, text);
        number = (uint)Math.Max(index, 0);
        return index >= 0
            || (text is not null && text.StartsWith(UnknownPrefix, StringComparison.Ordinal) && text.EndsWith(')')
                && uint.TryParse(text.AsSpan(UnknownPrefix.Length, text.Length - UnknownPrefix.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out number));
    }
}
