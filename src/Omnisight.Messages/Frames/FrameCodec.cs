using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>
/// What the codecs of all frames have in common. Versions 1 (fixed capacity) and 2 (PROTOCOL 1.3, 1.4). Thread-safe.
/// </summary>
public abstract class FrameCodec<TFrame, TElement> : IMessageCodec<TFrame>
    where TFrame : ElementFrame<TElement>, new()
    where TElement : unmanaged
{
    /// <summary>
    /// No element that a codec writes is shorter. Past the fixed capacity there may be one element for so many bytes of JSON, because an element
    /// of 3 bytes (<c>{},</c>) would make room for up to 3,960.
    /// </summary>
    private const int LeastElementJsonBytes = 64;

    private readonly FrameLayout _layout;
    private readonly int _elementJsonBytes;
    private TFrame? _spare;

    private protected FrameCodec(string name, string channel, TimeSpan period, FrameLayout layout, int elementJsonBytes)
    {
        Name = name;
        _layout = layout;
        _elementJsonBytes = elementJsonBytes;
        DefaultChannel = new ChannelSpec
        {
            Name = ChannelName.Parse(channel),
            MessageId = new MessageId(name, FrameLayout.MaxVersion).ToString(),
            Period = period,
            Capacity = layout.FixedCapacity,
            MaxPayloadBytes = (int)Math.Max(layout.TotalBytes(1, layout.FixedCapacity), layout.TotalBytes(2, layout.FixedCapacity)),
        };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int MinVersion => FrameLayout.MinVersion;

    /// <inheritdoc/>
    public int MaxVersion => FrameLayout.MaxVersion;

    /// <inheritdoc/>
    public Type PayloadType => typeof(TFrame);

    /// <inheritdoc/>
    public ChannelSpec DefaultChannel { get; }

    /// <inheritdoc/>
    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) =>
        checked((int)(encoding == PayloadEncoding.Json ? FrameJson.HeaderBytes + ((long)capacity * _elementJsonBytes) : _layout.TotalBytes(version, capacity)));

    /// <inheritdoc/>
    public int Encode(TFrame value, int version, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(value);
        return FrameBinary.Encode(_layout, value, FrameIdOf(value), version, destination);
    }

    /// <inheritdoc/>
    public Rejection Decode(ReadOnlySpan<byte> payload, TFrame value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var rejection = FrameBinary.Decode(_layout, payload, value, out var frameId);
        if (rejection.IsNone)
        {
            SetFrameId(value, frameId);
        }

        return rejection;
    }

    /// <inheritdoc/>
    public void WriteJson(TFrame value, Utf8JsonWriter writer) => WriteJson(value, int.MaxValue, writer);

    /// <inheritdoc/>
    public void WriteJson(TFrame value, int capacity, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(writer);
        value.LeftOut = Math.Max(0, value.Count - Math.Max(0, capacity));
        var kept = MostConfident<TElement>.Of(value, value.Count - value.LeftOut);
        writer.WriteStartObject();
        if (_layout.HasFrameId)
        {
            writer.WriteNumber(FrameJson.FrameId, FrameIdOf(value));
        }

        FrameJson.WriteHeader(writer, value);
        writer.WriteStartArray(ElementsName);
        foreach (ref readonly var element in value.Elements)
        {
            // JSON has no form for a number that is none; a decoder would drop the element anyway.
            if (kept.Takes(in element) && value.IsValid(in element))
            {
                writer.WriteStartObject();
                WriteElement(writer, in element);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public Rejection ReadJson(ReadOnlySpan<byte> json, TFrame value)
    {
        ArgumentNullException.ThrowIfNull(value);
        try
        {
            return ReadObject(json, value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not UTF-8.
            return new(RejectReason.BadJson);
        }
    }

    /// <inheritdoc/>
    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer)
    {
        var frame = Interlocked.Exchange(ref _spare, null) ?? new TFrame();
        var rejection = encoding == PayloadEncoding.Json ? ReadJson(payload, frame) : Decode(payload, frame);
        if (rejection.IsNone)
        {
            WriteJson(frame, writer);
            rejection = new(RejectReason.None, (ulong)frame.Dropped);
        }

        _spare = frame;
        return rejection;
    }

    private protected abstract JsonEncodedText ElementsName { get; }

    private protected virtual ulong FrameIdOf(TFrame frame) => 0;

    private protected virtual void SetFrameId(TFrame frame, ulong frameId)
    {
    }

    private protected abstract void WriteElement(Utf8JsonWriter writer, in TElement element);

    /// <summary>Reads one object; the reader stands on its start, and is left on its end.</summary>
    private protected abstract void ReadElement(ref Utf8JsonReader reader, out TElement element);

    private Rejection ReadObject(ReadOnlySpan<byte> json, TFrame frame)
    {
        var reader = FrameJson.Open(json);
        frame.Clear();
        FrameJson.ClearHeader(frame);
        SetFrameId(frame, 0);
        var found = false;
        while (FrameJson.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(ElementsName.EncodedUtf8Bytes))
            {
                found = true;
                _ = reader.Read();
                var limit = Math.Max(_layout.FixedCapacity, json.Length / LeastElementJsonBytes);
                if (!ReadElements(ref reader, frame, limit))
                {
                    return new(RejectReason.Count, (ulong)limit + 1, (ulong)limit);
                }
            }
            else if (_layout.HasFrameId && reader.ValueTextEquals(FrameJson.FrameId.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                SetFrameId(frame, JsonFields.ReadUInt64(ref reader));
            }
            else
            {
                FrameJson.ReadHeaderMember(ref reader, frame);
            }
        }

        FrameJson.End(ref reader);
        if (!found)
        {
            return new(RejectReason.BadJson);
        }

        FrameBinary.DropInvalid(frame);
        return Rejection.None;
    }

    /// <summary>False when there are more than the limit.</summary>
    private bool ReadElements(ref Utf8JsonReader reader, TFrame frame, int limit)
    {
        JsonFields.StartArray(ref reader);
        _ = frame.Resize(0);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("an object was expected");
            }

            if (frame.Count == limit)
            {
                return false;
            }

            ReadElement(ref reader, out var element);
            frame.Add(in element);
        }

        return true;
    }
}
