using Omnisight.TestKit;

namespace Omnisight.Transport.Files.Testing;

/// <summary>Waiting for what a reader meets.</summary>
internal static class ReaderWaits
{
    /// <summary>Reads until the status comes; returns the payload of the last Fresh read, if any.</summary>
    public static async Task<(string Text, SampleInfo Info)> ReadUntil(this IReader reader, ReadStatus status, Func<string, bool>? where = null)
    {
        var decoder = new TextDecoder();
        SampleInfo info = default;
        await Eventually.Become(() => reader.Read(decoder, out info) == status && (where is null || where(decoder.Text)), $"{status} of channel {reader.Channel.Name}");
        return (decoder.Text, info);
    }

    public static ReadStatus ReadText(this IReader reader, out string text)
    {
        var decoder = new TextDecoder();
        var status = reader.Read(decoder, out _);
        text = decoder.Text;
        return status;
    }
}
