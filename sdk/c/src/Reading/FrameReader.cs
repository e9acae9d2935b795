using System.Buffers;
using System.Text.Json;
using Omnisight.Messages;

namespace Omnisight.Sdk;

/// <summary>A reader of one kind of frame.</summary>
internal sealed unsafe class FrameReader<TFrame, TElement>(IReader bytes, FrameCodec<TFrame, TElement> codec, IAsyncDisposable? transport) : ChannelReader(bytes, transport)
    where TFrame : ElementFrame<TElement>, new()
    where TElement : unmanaged
{
    private readonly Reader<TFrame> _reader = new(bytes, codec);
    private byte[] _json = [];
    private (ulong Epoch, ulong Sequence) _jsonOf;

    public TFrame Frame => _reader.Latest.Value;

    /// <summary>Reads; what is told of the value is of the one that is held here: a lease may have gone on without it.</summary>
    public ReadStatus Read(out SampleInfo info)
    {
        var status = _reader.Read(out info);
        Place(_reader.Latest.Info, ref info);
        return status;
    }

    /// <summary>Copies the newest frame's elements out; what does not fit is left out, the count says how many there are.</summary>
    public int Latest(TElement* elements, uint capacity, uint* count, FrameInfo* result)
    {
        var status = Read(out var info);
        var frame = Frame;
        if (status == ReadStatus.Fresh)
        {
            var found = frame.Elements;
            *count = (uint)found.Length;
            found[..(int)Math.Min(capacity, (uint)found.Length)].CopyTo(new Span<TElement>(elements, (int)Math.Min(capacity, int.MaxValue)));
        }

        if (result is not null)
        {
            *result = default;
            Describe(in info, ref *result);
        }

        return (int)status;
    }

    public override void Describe(in SampleInfo info, ref FrameInfo result)
    {
        Fill(in info, ref result);
        var frame = Frame;
        result.FrameId = frame is DetectionFrame detections ? detections.FrameId : 0;
        result.TimestampMs = frame.TimestampMs;
        result.ImageWidth = frame.Width;
        result.ImageHeight = frame.Height;
        result.Version = (uint)frame.Version;
        result.Truncated = frame.Truncated ?? uint.MaxValue;
        result.Dropped = (uint)frame.Dropped;
    }

    /// <summary>The last good frame as JSON, written once per frame.</summary>
    public ReadOnlySpan<byte> Json()
    {
        var place = (_reader.Latest.Info.Epoch, _reader.Latest.Info.Sequence);
        if (_jsonOf != place)
        {
            var buffer = new ArrayBufferWriter<byte>(8192);
            using var writer = new Utf8JsonWriter(buffer);
            codec.WriteJson(Frame, writer);
            writer.Flush();
            _json = buffer.WrittenSpan.ToArray();
            _jsonOf = place;
        }

        return _json;
    }
}
