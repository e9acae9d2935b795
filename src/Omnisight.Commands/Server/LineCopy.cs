namespace Omnisight.Commands;

/// <summary>Copies one message out of the transport, to be looked at once the transport vouches for it.</summary>
internal sealed class LineCopy(int capacity) : IPayloadDecoder
{
    private readonly byte[] _bytes = new byte[capacity];
    private int _length;

    /// <summary>The message that was read last.</summary>
    public ReadOnlySpan<byte> Line => _bytes.AsSpan(0, _length);

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > _bytes.Length)
        {
            return new Rejection(RejectReason.TooLarge, (ulong)payload.Length, (ulong)_bytes.Length);
        }

        payload.CopyTo(_bytes);
        _length = payload.Length;
        return Rejection.None;
    }
}
