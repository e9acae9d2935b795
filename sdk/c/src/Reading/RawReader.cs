using Omnisight.Messages;

namespace Omnisight.Sdk;

/// <summary>A reader of payloads as they are: documents, images, messages that the library does not know.</summary>
internal sealed class RawReader(IReader bytes, IMessageFormat? format, int mostBytes, IAsyncDisposable? transport) : ChannelReader(bytes, transport), IPayloadDecoder
{
    private byte[] _front = [], _back = [];
    private int _frontLength, _backLength;
    private SampleInfo _frontOf;

    public IMessageFormat? Format => format;

    public ReadOnlySpan<byte> Payload => _front.AsSpan(0, _frontLength);

    public ReadStatus Read(out SampleInfo info)
    {
        var status = Bytes.Read(this, out info);
        if (status == ReadStatus.Fresh)
        {
            (_front, _back) = (_back, _front);
            (_frontLength, _backLength) = (_backLength, _frontLength);
            _frontOf = info;
        }

        Place(_frontOf, ref info);
        return status;
    }

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        // A document was parsed before it came here.
        var rejection = payload.Length > mostBytes ? new(RejectReason.TooLarge, (ulong)payload.Length, (ulong)mostBytes)
            : format is VideoCodec && Bytes.Encoding == PayloadEncoding.Binary ? VideoHeader.Read(payload, out _) : Rejection.None;
        if (!rejection.IsNone)
        {
            return rejection;
        }

        if (_back.Length < payload.Length)
        {
            _back = GC.AllocateUninitializedArray<byte>(payload.Length);
        }

        payload.CopyTo(_back);
        _backLength = payload.Length;
        return Rejection.None;
    }

    public override void Describe(in SampleInfo info, ref FrameInfo result)
    {
        Fill(in info, ref result);
        result.Truncated = uint.MaxValue;
        result.PayloadBytes = (ulong)_frontLength;
    }
}
