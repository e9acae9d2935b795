using System.Text;

namespace Omnisight.Transport.Files.Testing;

/// <summary>Takes payloads as text.</summary>
internal sealed class TextDecoder : IPayloadDecoder
{
    public string Text { get; private set; } = "";

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        Text = Encoding.UTF8.GetString(payload);
        return Rejection.None;
    }
}
