using System.Buffers.Text;
using System.Text.Json;

namespace Omnisight.TransportConformance;

/// <summary>
/// A payload whose every byte follows from one number: <c>{"n":7,"fill":"hhh..."}</c>. A torn or mixed payload is not one of these.
/// One JSON object, so that JSON transports carry it as well as binary ones.
/// </summary>
public static class NumberedPayload
{
    /// <summary>The smallest size in bytes.</summary>
    public const int MinBytes = 64;

    private static ReadOnlySpan<byte> Head => "{\"n\":"u8;

    private static ReadOnlySpan<byte> Middle => ",\"fill\":\""u8;

    private static ReadOnlySpan<byte> Tail => "\"}"u8;

    /// <summary>The payload of a number, with a size that follows from it too: 64 to 1,087 bytes.</summary>
    public static byte[] Of(long number)
    {
        var bytes = new byte[SizeOf(number)];
        Fill(number, bytes);
        return bytes;
    }

    /// <summary>The payload of a number in a given size.</summary>
    public static byte[] Of(long number, int size)
    {
        var bytes = new byte[size];
        Fill(number, bytes);
        return bytes;
    }

    /// <summary>The size that <see cref="Of(long)"/> gives.</summary>
    public static int SizeOf(long number) => MinBytes + (int)(number * 31 % 1024);

    /// <summary>Writes the payload of a number over all of <paramref name="destination"/>.</summary>
    public static void Fill(long number, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MinBytes);
        Head.CopyTo(destination);
        var at = Head.Length;
        Utf8Formatter.TryFormat(number, destination[at..], out var digits);
        at += digits;
        Middle.CopyTo(destination[at..]);
        at += Middle.Length;
        destination[at..^Tail.Length].Fill(FillOf(number));
        Tail.CopyTo(destination[^Tail.Length..]);
    }

    /// <summary>Reads the number; false when the bytes are not one whole payload. Members that a transport added are passed over.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out long number)
    {
        number = 0;
        var reader = new Utf8JsonReader(payload);
        var whole = false;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                if (reader.ValueTextEquals("n"u8))
                {
                    reader.Read();
                    number = reader.GetInt64();
                }
                else if (reader.ValueTextEquals("fill"u8))
                {
                    reader.Read();
                    whole = !reader.ValueSpan.IsEmpty && !reader.ValueSpan.ContainsAnyExcept(FillOf(number));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }

        return whole;
    }

    private static byte FillOf(long number) => (byte)('a' + (number % 26));
}
