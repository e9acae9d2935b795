using System.Runtime.CompilerServices;

namespace Omnisight.Messages;

/// <summary>Text of at most 48 bytes of UTF-8, padded with NUL.</summary>
[InlineArray(Length)]
public struct Text48
{
    /// <summary>The room in bytes.</summary>
    public const int Length = 48;

    private byte _element0;

    /// <summary>Takes as many whole characters of the text as fit.</summary>
    public static Text48 From(ReadOnlySpan<char> text)
    {
        var result = default(Text48);
        FixedText.Write(text, result);
        return result;
    }

    /// <summary>The text; bytes that are not UTF-8 become U+FFFD.</summary>
    public override readonly string ToString() => FixedText.Read(this);
}
