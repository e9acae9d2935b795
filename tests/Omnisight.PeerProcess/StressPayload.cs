using System.Runtime.InteropServices;
using System.Text;

namespace Omnisight.PeerProcess;

/// <summary>
/// A payload that verifies itself: every byte and the length follow from the frame's number, so a torn frame shows without a log and without a
/// checksum. Word 0 = n, word 1 = the number of words, word i = n xor (i * golden).
/// </summary>
internal static class StressPayload
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private const int MinWords = 8;

    public static int Words(ulong number, int maxBytes) => MinWords + (int)(number * 7919 % (ulong)((maxBytes / sizeof(ulong)) - MinWords + 1));

    public static int Fill(ulong number, Span<byte> room, int maxBytes)
    {
        var words = Words(number, maxBytes);
        var span = MemoryMarshal.Cast<byte, ulong>(room)[..words];
        span[0] = number;
        span[1] = (ulong)words;
        for (var i = 2; i < words; i++)
        {
            span[i] = number ^ ((ulong)i * Golden);
        }

        return words * sizeof(ulong);
    }

    /// <summary>False when the bytes are not those of one frame.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out ulong number)
    {
        number = 0;
        var span = MemoryMarshal.Cast<byte, ulong>(payload);
        if (span.Length < MinWords || payload.Length % sizeof(ulong) != 0)
        {
            return false;
        }

        number = span[0];
        if (span[1] != (ulong)span.Length)
        {
            return false;
        }

        for (var i = 2; i < span.Length; i++)
        {
            if (span[i] != (number ^ ((ulong)i * Golden)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same for transports that carry JSON: a number, and letters that follow from it.</summary>
    public static int FillJson(ulong number, Span<byte> room, int maxBytes)
    {
        var letters = (int)(number * 7919 % (ulong)(maxBytes - 64));
        return Encoding.ASCII.GetBytes($"{{\"n\":{number},\"fill\":\"{new string(Letter(number), letters)}\"}}", room);
    }

    public static bool TryReadJson(ReadOnlySpan<byte> json, out ulong number)
    {
        number = 0;
        using var document = System.Text.Json.JsonDocument.Parse(json.ToArray());
        if (!document.RootElement.TryGetProperty("n", out var n) || !n.TryGetUInt64(out number) || document.RootElement.GetProperty("fill").GetString() is not { } fill)
        {
            return false;
        }

        var letter = Letter(number);
        return fill.All(c => c == letter);
    }

    private static char Letter(ulong number) => (char)('a' + (number % 26));
}
