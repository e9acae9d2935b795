namespace Omnisight.PeerProcess;

/// <summary>Looks at every byte, and judges nothing itself: whether what it saw counts is the transport's decision.</summary>
internal sealed class StressDecoder(PayloadEncoding encoding) : IPayloadDecoder
{
    public ulong Number { get; private set; }

    public bool IsWhole { get; private set; }

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        IsWhole = encoding == PayloadEncoding.Json ? StressPayload.TryReadJson(payload, out var number) : StressPayload.TryRead(payload, out number);
        Number = number;
        return Rejection.None;
    }
}
