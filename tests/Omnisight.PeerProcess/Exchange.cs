using System.Globalization;
using System.Text;
using System.Text.Json;
using Omnisight.Commands;

namespace Omnisight.PeerProcess;

/// <summary>Numbered requests between senders and one answerer: a line says whose it is, which it is, and carries letters that follow from that.</summary>
internal static class Exchange
{
    public const int LongestLine = 4095;

    public static ChannelSpec Requests => CommandChannels.Commands;

    public static ChannelSpec Answers => CommandChannels.Acks;

    /// <summary>Lengths from the shortest to the longest that is whole among many writers.</summary>
    public static byte[] Request(int sender, long number, string? replyTo)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{{\"sender\":{sender},\"n\":{number}{(replyTo is null ? "" : $",\"reply_to\":\"{replyTo}\"")},\"fill\":\"");
        var letters = (int)(number * 7919 % (LongestLine - head.Length - 2));
        return Encoding.ASCII.GetBytes(head + new string(Letter(sender, number), number % 16 == 0 ? letters : letters % 200) + "\"}");
    }

    /// <summary>False when the line is not whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out int sender, out long number, out string? replyTo)
    {
        (sender, number, replyTo) = (0, 0, null);
        try
        {
            using var document = JsonDocument.Parse(line.ToArray());
            var root = document.RootElement;
            sender = root.GetProperty("sender").GetInt32();
            number = root.GetProperty("n").GetInt64();
            replyTo = root.TryGetProperty("reply_to", out var to) ? to.GetString() : null;
            var letter = Letter(sender, number);
            return root.GetProperty("fill").GetString()!.All(c => c == letter);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Publishes, and tries again while the pipe is full.</summary>
    public static async Task<PublishResult> Insist(Func<PublishResult> publish)
    {
        PublishResult result;
        while ((result = publish()) is PublishResult.Full or PublishResult.NoReader)
        {
            await Task.Delay(1);
        }

        return result;
    }

    private static char Letter(int sender, long number) => (char)('a' + ((sender * 7) + number) % 26);
}
