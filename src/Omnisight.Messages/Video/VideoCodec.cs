using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>
/// The message <c>omnisight.video</c>, version 1 (PROTOCOL 1.5). Its JSON carries the data in base64; for display (<see cref="PayloadToJson"/>)
/// only images of up to 64 KiB do. Thread-safe.
/// </summary>
[ExportMessage]
public sealed class VideoCodec : IMessageCodec<VideoFrame>
{
    private const int DefaultDataBytes = 1920 * 1080 * 3;
    private const int MaxShownBytes = 64 * 1024;
    private VideoFrame? _spare;

    /// <inheritdoc/>
    public string Name => "omnisight.video";

    /// <inheritdoc/>
    public int MinVersion => VideoHeader.CurrentVersion;

    /// <inheritdoc/>
    public int MaxVersion => VideoHeader.CurrentVersion;

    /// <inheritdoc/>
    public Type PayloadType => typeof(VideoFrame);

    /// <summary>The channel <c>video</c>, 30 images a second; its capacity counts bytes of image data, by default 1920 x 1080 BGR.</summary>
    public ChannelSpec DefaultChannel { get; } = new()
    {
        Name = ChannelName.Parse("video"),
        MessageId = "omnisight.video/1",
        Period = TimeSpan.FromSeconds(1.0 / 30),
        Capacity = DefaultDataBytes,
        MaxPayloadBytes = VideoHeader.Bytes + DefaultDataBytes,
    };

    /// <inheritdoc/>
    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) =>
        checked(encoding == PayloadEncoding.Json ? FrameJson.HeaderBytes + (int)(((long)capacity + 2) / 3 * 4) : VideoHeader.Bytes + capacity);

    /// <inheritdoc/>
    public int Encode(VideoFrame value, int version, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentOutOfRangeException.ThrowIfNotEqual(version, VideoHeader.CurrentVersion);
        var data = value.Data;
        if (destination.Length - VideoHeader.Bytes < data.Length)
        {
            return -1;
        }

        data.CopyTo(destination[VideoHeader.Bytes..]);
        value.Header.Write(destination);
        return VideoHeader.Bytes + data.Length;
    }

    /// <inheritdoc/>
    public Rejection Decode(ReadOnlySpan<byte> payload, VideoFrame value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var rejection = VideoHeader.Read(payload, out var header);
        if (rejection.IsNone)
        {
            value.Header = header;
            payload.Slice(VideoHeader.Bytes, (int)header.DataBytes).CopyTo(value.Resize((int)header.DataBytes));
        }

        return rejection;
    }

    /// <inheritdoc/>
    public void WriteJson(VideoFrame value, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(writer);
        VideoJson.Write(writer, in value.Header, value.Data, withData: true);
    }

    /// <inheritdoc/>
    public Rejection ReadJson(ReadOnlySpan<byte> json, VideoFrame value)
    {
        ArgumentNullException.ThrowIfNull(value);
        try
        {
            return VideoJson.Read(json, value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new(RejectReason.BadJson);
        }
    }

    /// <inheritdoc/>
    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (encoding == PayloadEncoding.Json)
        {
            var frame = Interlocked.Exchange(ref _spare, null) ?? new VideoFrame();
            var rejected = ReadJson(payload, frame);
            if (rejected.IsNone)
            {
                VideoJson.Write(writer, in frame.Header, frame.Data, frame.Header.DataBytes <= MaxShownBytes);
            }

            _spare = frame;
            return rejected;
        }

        var rejection = VideoHeader.Read(payload, out var header);
        if (rejection.IsNone)
        {
            VideoJson.Write(writer, in header, payload.Slice(VideoHeader.Bytes, (int)header.DataBytes), header.DataBytes <= MaxShownBytes);
        }

        return rejection;
    }
}
