namespace Omnisight.Cli.Channels;

/// <summary>Keeps a copy of the newest payload.</summary>
internal sealed class PayloadCopy : IPayloadDecoder
{
    private byte[] _buffer = new byte[8192];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        if (_buffer.Length < payload.Length)
        {
            _buffer = new byte[payload.Length];
        }

        payload.CopyTo(_buffer);
        _length = payload.Length;
        return Rejection.None;
    }
}
