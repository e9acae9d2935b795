using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using Omnisight.TestKit;

namespace Omnisight.Messages.Tests;

/// <summary>
/// docs/protocol/golden: what every language is held to. <c>OMNISIGHT_WRITE_GOLDEN=1</c> writes the files anew, after a change that is meant.
/// </summary>
public sealed class GoldenVectorTests
{
    private static readonly string Folder = Path.Combine(TestPaths.Repository, "docs/protocol/golden");
    private static readonly bool Write = Environment.GetEnvironmentVariable("OMNISIGHT_WRITE_GOLDEN") == "1";

    [Fact]
    public void Every_golden_vector_is_what_the_codecs_write_and_read()
    {
        var names = Vectors().Select(v => v.Name).ToList();
        foreach (var (name, format, bytes) in Vectors())
        {
            Same($"{name}.bin", bytes);
            Same($"{name}.json", Json(format, bytes));
        }

        Same("rejects.json", Rejects(names));
        var known = names.SelectMany(n => new[] { $"{n}.bin", $"{n}.json" }).Concat(RejectVectors().Select(r => $"reject-{r.Name}.bin")).Append("rejects.json").Append("README.md");
        Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(known.Order(StringComparer.Ordinal), "nothing else lies in the folder");
    }

    [Fact]
    public void The_json_of_a_golden_vector_encodes_to_its_bytes()
    {
        Encodes(new DetectionCodec(), "detections.v1", 1, 50);
        Encodes(new DetectionCodec(), "detections.v2", 2, 50);
        Encodes(new TrackCodec(), "tracks.v1", 1, 50);
        Encodes(new TrackCodec(), "tracks.v2", 2, 50);
        Encodes(new TimelineCodec(), "timelines.v1", 1, 5);
        Encodes(new TimelineCodec(), "timelines.v2", 2, 5);
    }

    private static void Encodes<T>(IMessageCodec<T> codec, string name, int version, int capacity)
        where T : new()
    {
        var value = new T();
        codec.ReadJson(File.ReadAllBytes(Path.Combine(Folder, $"{name}.json")), value).ShouldBe(Rejection.None);
        codec.Encode(value, version, capacity).ShouldBe(File.ReadAllBytes(Path.Combine(Folder, $"{name}.bin")));
    }

    private static IEnumerable<(string Name, IMessageFormat Format, byte[] Bytes)> Vectors()
    {
        var detections = new DetectionCodec();
        var tracks = new TrackCodec();
        var timelines = new TimelineCodec();
        for (var version = 1; version <= 2; version++)
        {
            yield return ($"detections.v{version}", detections, detections.Encode(SampleFrames.Detections(8), version, 50));
            yield return ($"detections-empty.v{version}", detections, detections.Encode(SampleFrames.Detections(0), version, 50));
            yield return ($"detections-over.v{version}", detections, detections.Encode(SampleFrames.Detections(53), version, 50));
            yield return ($"tracks.v{version}", tracks, tracks.Encode(SampleFrames.Tracks(9), version, 50));
            yield return ($"timelines.v{version}", timelines, timelines.Encode(SampleFrames.Timelines(4), version, 5));
        }

        yield return ("detections-dropped.v2", detections, detections.Encode(Spoiled(), 2, 50));
        yield return ("timelines-text.v2", timelines, timelines.Encode(BrokenText(), 2, 5));
        yield return ("video.v1", new VideoCodec(), new VideoCodec().Encode(SampleFrames.Video(), 1, 24));
    }

    private static IEnumerable<(string Name, string Message, string Reason, byte[] Bytes)> RejectVectors()
    {
        var good = new DetectionCodec().Encode(SampleFrames.Detections(2), 2, 50);
        yield return ("magic", "omnisight.detections", "bad_magic", Patch(good, 0, 0x494E4D4F));
        yield return ("version", "omnisight.detections", "version_mismatch", Patch(good, 4, 3));
        yield return ("count", "omnisight.detections", "count", Patch(good, 24, 3));
        yield return ("count-huge", "omnisight.detections", "count", Patch(good, 24, uint.MaxValue));
        yield return ("crc", "omnisight.detections", "crc", Patch(good, 100, 1));
        yield return ("truncated", "omnisight.detections", "truncated", good[..40]);
        yield return ("tracks-crc", "omnisight.tracks", "crc", Patch(new TrackCodec().Encode(SampleFrames.Tracks(1), 2, 50), 100, 1));
    }

    private static DetectionFrame Spoiled()
    {
        var frame = SampleFrames.Detections(5);
        frame.Objects[1].Confidence = float.NaN;
        frame.Objects[2].Bbox = new Box(0, 2.5f, 0, 0);
        frame.Objects[4].Bbox = new Box(-1, 2, 1e-42f, 0);
        return frame;
    }

    /// <summary>A text cut inside a character, one that fills its field, one with bytes that are no UTF-8.</summary>
    private static TimelineFrame BrokenText()
    {
        var frame = SampleFrames.Timelines(2);
        var events = frame.Timelines[1].Events;
        Span<byte> full = events[0].Description;
        full.Fill((byte)'x');
        full[^1] = 0xC3;
        new byte[] { 0xF0, 0x9F, 0x98, (byte)'a', 0xC0, 0x80, 0xED, 0xA0, 0x80, 0xFF }.CopyTo((Span<byte>)events[1].Description);
        events[2].Description = Text48.From("tab\t quote\" slash/ back\\ \u0001 \u20ac \U0001F600");
        return frame;
    }

    private static byte[] Patch(byte[] bytes, int offset, uint value)
    {
        var copy = bytes.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(offset), value);
        return copy;
    }

    private static byte[] Json(IMessageFormat format, byte[] bytes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            format.PayloadToJson(bytes, PayloadEncoding.Binary, writer).IsNone.ShouldBeTrue();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static byte[] Rejects(List<string> accepted)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartArray();
            foreach (var (name, message, reason, bytes) in RejectVectors())
            {
                IMessageFormat format = message == "omnisight.tracks" ? new TrackCodec() : new DetectionCodec();
                using var ignored = new Utf8JsonWriter(new ArrayBufferWriter<byte>());
                format.PayloadToJson(bytes, PayloadEncoding.Binary, ignored).Label.ShouldBe(reason);
                accepted.ShouldNotContain($"reject-{name}");
                Same($"reject-{name}.bin", bytes);
                writer.WriteStartObject();
                writer.WriteString("file", $"reject-{name}.bin");
                writer.WriteString("message", message);
                writer.WriteString("reason", reason);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void Same(string file, byte[] bytes)
    {
        var path = Path.Combine(Folder, file);
        if (Write)
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllBytes(path, bytes);
        }

        File.Exists(path).ShouldBeTrue($"{file} is missing: run with OMNISIGHT_WRITE_GOLDEN=1");
        File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes).ShouldBeTrue(
            $"{file} (CRC-32 {Crc32.HashToUInt32(File.ReadAllBytes(path)):x8}) is not what the codecs write ({Crc32.HashToUInt32(bytes):x8}); if that is meant, run with OMNISIGHT_WRITE_GOLDEN=1");
    }
}
