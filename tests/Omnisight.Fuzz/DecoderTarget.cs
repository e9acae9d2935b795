using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Omnisight.Messages;

namespace Omnisight.Fuzz;

/// <summary>All decoders of Omnisight.Messages, binary and JSON; what they accept must be writable as JSON and encode again.</summary>
internal sealed class DecoderTarget : IFuzzTarget
{
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly byte[] _encoded = new byte[1 << 20];

    public string Name => "decoders";

    public void Run(ReadOnlySpan<byte> input)
    {
        Try(new DetectionCodec(), input);
        Try(new TrackCodec(), input);
        Try(new TimelineCodec(), input);
        Try(new VideoCodec(), input);
        Try(new StatusCodec(), input);
    }

    public IEnumerable<byte[]> Seeds()
    {
        var detections = new DetectionFrame { FrameId = 1 };
        detections.Add(new DetectedObject { Id = 1, Class = ObjectClass.Person, Confidence = 0.5f, Bbox = new(0, 0, 1, 1) });
        var tracks = new TrackFrame();
        tracks.Add(new TrackedObject { TrackId = 1 });
        var timelines = new TimelineFrame();
        var timeline = new TimelineSnapshot { TimelineId = 1 };
        _ = timeline.Add(new PredictedEvent { Description = Text48.From("event") });
        _ = timeline.Add(new InterventionPoint { Recommendation = Text176.From("do") });
        timelines.Add(in timeline);
        var image = new VideoFrame { Header = new VideoHeader { Width = 2, Height = 1, Stride = 6, Format = PixelFormat.Bgr24 } };
        image.Resize(6).Clear();
        return [.. Seeds(new DetectionCodec(), detections), .. Seeds(new TrackCodec(), tracks), .. Seeds(new TimelineCodec(), timelines), .. Seeds(new VideoCodec(), image)];
    }

    public void Mend(Span<byte> input)
    {
        // Where the checksum lies depends on the frame's kind: mend it for the one whose place the length fits.
        foreach (var (countOffset, elementBytes) in new[] { (24, 104), (16, 160), (16, 3960) })
        {
            if (input.Length < countOffset + 20)
            {
                continue;
            }

            var at = countOffset + 16 + ((long)BinaryPrimitives.ReadUInt32LittleEndian(input[countOffset..]) * elementBytes);
            if (at + 4 <= input.Length && at + 16 > input.Length)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(input[(int)at..], System.IO.Hashing.Crc32.HashToUInt32(input[..(int)at]));
                return;
            }
        }
    }

    private static IEnumerable<byte[]> Seeds<T>(IMessageCodec<T> codec, T value)
    {
        var buffer = new byte[1 << 16];
        for (var version = codec.MinVersion; version <= codec.MaxVersion; version++)
        {
            yield return buffer[..codec.Encode(value, version, buffer)];
        }

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            codec.WriteJson(value, writer);
        }

        yield return json.WrittenSpan.ToArray();
    }

    private void Try<T>(IMessageCodec<T> codec, ReadOnlySpan<byte> input)
        where T : new()
    {
        var value = new T();
        if (codec.Decode(input, value).IsNone)
        {
            Use(codec, value);
        }

        if (codec.ReadJson(input, value).IsNone)
        {
            Use(codec, value);
        }
    }

    private void Use<T>(IMessageCodec<T> codec, T value)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, new JsonWriterOptions { SkipValidation = true }))
        {
            codec.WriteJson(value, writer);
        }

        if (codec.Encode(value, codec.MaxVersion, _encoded) is var length && length > 0 && !codec.Decode(_encoded.AsSpan(0, length), value).IsNone)
        {
            throw new InvalidOperationException($"{codec.Name} rejects what it encoded");
        }
    }
}
