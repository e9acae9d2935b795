namespace Omnisight.TransportConformance;

/// <summary>Takes the number out of a <see cref="NumberedPayload"/>; what is not one it rejects, and keeps.</summary>
internal sealed class NumberDecoder : IPayloadDecoder
{
    /// <summary>The number of the last accepted payload.</summary>
    public long Number { get; private set; }

    /// <summary>Its size as it came.</summary>
    public int Bytes { get; private set; }

    /// <summary>When set, every payload is rejected with it.</summary>
    public Rejection Reject { get; set; }

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        if (!Reject.IsNone)
        {
            return Reject;
        }

        if (!NumberedPayload.TryRead(payload, out var number))
        {
            return new Rejection(RejectReason.Value);
        }

        Number = number;
        Bytes = payload.Length;
        return Rejection.None;
    }
}
