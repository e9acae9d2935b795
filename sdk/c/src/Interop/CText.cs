using System.Runtime.InteropServices;
using System.Text;

namespace Omnisight.Sdk;

/// <summary>C strings.</summary>
internal static unsafe class CText
{
    /// <summary>Longer is a mistake (a missing NUL), not a text.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>A copy of the text; the fallback for NULL and "".</summary>
    public static string Read(byte* text, string fallback) => text is null || *text == 0 ? fallback : Read(text);

    /// <summary>A copy of the text; null for NULL and "".</summary>
    public static string? ReadOptional(byte* text) => text is null || *text == 0 ? null : Read(text);

    /// <summary>A copy of a text that must be there.</summary>
    public static string Required(byte* text, string what) => ReadOptional(text) ?? throw new BadArgumentException($"{what} is NULL or empty: give a text");

    /// <summary>Writes a text with its NUL; false when it does not fit. <paramref name="needed"/> counts the NUL.</summary>
    public static bool Write(ReadOnlySpan<byte> text, byte* buffer, nuint capacity, nuint* needed)
    {
        if (needed is not null)
        {
            *needed = (nuint)text.Length + 1;
        }

        if (buffer is null || capacity <= (nuint)text.Length)
        {
            return false;
        }

        text.CopyTo(new Span<byte>(buffer, text.Length));
        buffer[text.Length] = 0;
        return true;
    }

    private static string Read(byte* text)
    {
        var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
        return bytes.Length <= MaxBytes ? Encoding.UTF8.GetString(bytes) : throw new BadArgumentException($"a text of {bytes.Length} bytes: is its NUL missing?");
    }
}
