using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using CsCheck;

namespace Omnisight.Messages.Tests;

/// <summary>PROTOCOL 1.6; FAULTS rows 20, 21, 22, 23, 27.</summary>
public sealed class UntrustedBytesTests
{
    private static readonly DetectionCodec Detections = new();
    private static readonly TrackCodec Tracks = new();
    private static readonly TimelineCodec Timelines = new();
    private static readonly VideoCodec Video = new();

    [Fact]
    public void Any_bytes_decode_to_an_outcome() => Gen.Byte.Array[0, 600].Sample(DecodeAll);

    [Fact]
    public void Any_bytes_behind_a_good_start_decode_to_an_outcome() =>
        Gen.Select(Gen.UInt[1, 3], Gen.UInt, Gen.Byte.Array[0, 400], Gen.Int[0, 1]).Sample((version, count, rest, at) =>
        {
            var payload = new byte[32 + rest.Length];
            rest.CopyTo(payload, 32);
            BinaryPrimitives.WriteUInt32LittleEndian(payload, FrameLayout.Magic);
            BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(4), version);
            BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(at == 0 ? 16 : 24), count % 6);
            DecodeAll(payload);
        });

    [Fact]
    public void A_frame_with_any_bytes_overwritten_and_a_mended_checksum_decodes_to_finite_values_only() =>
        Gen.Select(Gen.Int[1, 2], Gen.Int[0, 5_000], Gen.Byte.Array[1, 64]).Sample((version, at, patch) =>
        {
            var bytes = Tracks.Encode(SampleFrames.Tracks(20), version, 50);
            patch.AsSpan(0, Math.Min(patch.Length, bytes.Length - (at % bytes.Length))).CopyTo(bytes.AsSpan(at % bytes.Length));
            Seal(bytes, TrackCodec.Layout);
            var frame = new TrackFrame();
            if (Tracks.Decode(bytes, frame).IsNone)
            {
                using var json = JsonDocument.Parse(Tracks.ToJson(frame));
                json.RootElement.GetProperty("tracks").GetArrayLength().ShouldBe(frame.Count);
            }
        });

    [Fact]
    public void Any_text_is_read_as_json_or_rejected() =>
        Gen.OneOf(Gen.String.Select(s => s.Utf8()), Gen.Byte.Array, Gen.String.Select(s => $"{{\"detections\":[{{\"class\":\"{s}\"}}]}}".Utf8())).Sample(bytes =>
        {
            _ = Detections.ReadJson(bytes, new DetectionFrame());
            _ = Tracks.ReadJson(bytes, new TrackFrame());
            _ = Timelines.ReadJson(bytes, new TimelineFrame());
            _ = Video.ReadJson(bytes, new VideoFrame());
            _ = new StatsCodec().ReadJson(bytes, new JsonText());
        });

    [Fact]
    public void JSON_makes_no_more_room_than_its_own_length_allows()
    {
        var json = "{\"timelines\":[" + string.Join(',', Enumerable.Repeat("{}", 80_000)) + "]}";
        var frame = new TimelineFrame();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Timelines.ReadJson(json.Utf8(), frame).Reason.ShouldBe(RejectReason.Count);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(200L * json.Length, "80,000 timelines would take 317 MB");

        Timelines.ReadJson("{\"timelines\":[{},{},{},{},{}]}"u8, frame).IsNone.ShouldBeTrue("a short form of what a default channel carries");
        Timelines.ReadJson("{\"timelines\":[{},{},{},{},{},{}]}"u8, frame).Reason.ShouldBe(RejectReason.Count);
        var many = new TimelineFrame();
        _ = many.Resize(40);
        many.Timelines.Clear();
        Timelines.ReadJson(Timelines.ToJson(many), frame).IsNone.ShouldBeTrue("the shortest that a codec writes");
        frame.Count.ShouldBe(40);
    }

    [Fact]
    public void A_byte_swapped_magic_is_rejected_by_name()
    {
        var bytes = Detections.Encode(SampleFrames.Detections(3), 2, 50);
        bytes.AsSpan(0, 4).Reverse();
        Detections.Decode(bytes, new DetectionFrame()).ToString().ShouldBe("bad_magic: found 0x494E4D4F, expected 0x4F4D4E49");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)]
    [InlineData(uint.MaxValue)]
    public void An_unknown_version_is_rejected_naming_both(uint version)
    {
        var bytes = Detections.Encode(SampleFrames.Detections(3), 2, 50);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), version);
        Detections.Decode(bytes, new DetectionFrame()).ShouldBe(new Rejection(RejectReason.VersionMismatch, version, 2));
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_a_frame_is_found()
    {
        foreach (var version in new[] { 1, 2 })
        {
            var bytes = Detections.Encode(SampleFrames.Detections(2), version, 50);
            for (var bit = 0; bit < (bytes.Length - 8) * 8; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Detections.Decode(bytes, new DetectionFrame()).IsNone.ShouldBeFalse($"version {version}, bit {bit}");
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Theory]
    [InlineData(1, 51u)]
    [InlineData(1, 0x80000000u)]
    [InlineData(1, 0xFFFFFFFFu)]
    [InlineData(2, 51u)]
    [InlineData(2, 0x80000000u)]
    [InlineData(2, 0xFFFFFFFFu)]
    public void A_count_that_does_not_fit_is_rejected_before_anything_is_read(int version, uint count)
    {
        var bytes = Detections.Encode(SampleFrames.Detections(50), version, 50);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), count);
        var frame = SampleFrames.Detections(1);
        Detections.Decode(bytes, frame).ShouldBe(new Rejection(RejectReason.Count, count, 50));
        frame.Count.ShouldBe(1, "no room was made for what was counted");
    }

    /// <summary>Sizes whose product is the number of bytes that are there, but for a multiple of 2^64.</summary>
    [Fact]
    public void An_image_whose_sizes_overflow_is_rejected()
    {
        var payload = new byte[VideoHeader.Bytes + 46_137_344];
        new VideoHeader { Format = PixelFormat.Nv12, Width = 1, Stride = 3_821_010_944, Height = 3_218_475_310, DataBytes = 46_137_344, Flags = VideoFlags.NoChecksum }.Write(payload);

        VideoHeader.Read(payload, out _).Reason.ShouldBe(RejectReason.BadLayout);
    }

    [Fact]
    public void A_frame_that_is_cut_anywhere_is_rejected()
    {
        foreach (var version in new[] { 1, 2 })
        {
            var bytes = Tracks.Encode(SampleFrames.Tracks(3), version, 50);
            var needed = (int)TrackCodec.Layout.ChecksumOffset(version, 3) + 4;
            for (var length = 0; length < needed; length++)
            {
                Tracks.Decode(bytes.AsSpan(0, length), new TrackFrame()).Reason
                    .ShouldBeOneOf(RejectReason.Truncated, RejectReason.Count);
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_number_that_is_none_drops_its_object_and_is_counted(float bad)
    {
        foreach (var spoil in new Action<TrackFrame>[]
        {
            f => f.Tracks[1].Confidence = bad,
            f => f.Tracks[1].ThreatScore = bad,
            f => f.Tracks[1].Velocity = new Vector2(0, bad),
            f => f.Tracks[1].Bbox = new Box(0, 0, bad, 0),
            f => f.Tracks[1].PredictedBbox = new Box(bad, 0, 0, 0),
        })
        {
            var frame = SampleFrames.Tracks(3);
            spoil(frame);
            var decoded = new TrackFrame();
            Tracks.Decode(Tracks.Encode(frame, 2, 50), decoded).ShouldBe(Rejection.None);
            decoded.Dropped.ShouldBe(1);
            decoded.Tracks.ToArray().Select(t => t.TrackId).ShouldBe([100u, 102u]);
            Should.NotThrow(() => Tracks.ToJson(decoded));
        }
    }

    [Theory]
    [InlineData(2.0001f, false)]
    [InlineData(-1.0001f, false)]
    [InlineData(2f, true)]
    [InlineData(-1f, true)]
    [InlineData(1e-42f, true)] // a denormal number is a number
    public void A_box_may_reach_out_of_the_image_by_its_size(float edge, bool kept)
    {
        var frame = SampleFrames.Detections(1);
        frame.Objects[0].Bbox = new Box(0, edge, 0.1f, 0.1f);
        var decoded = new DetectionFrame();
        Detections.Decode(Detections.Encode(frame, 1, 50), decoded).IsNone.ShouldBeTrue();
        (decoded.Count, decoded.Dropped).ShouldBe(kept ? (1, 0) : (0, 1));
    }

    [Fact]
    public void A_timeline_with_counts_or_indices_out_of_range_is_dropped()
    {
        foreach (var spoil in new SpoilTimeline[]
        {
            (ref TimelineSnapshot t) => t.EventCount = 21,
            (ref TimelineSnapshot t) => t.InterventionCount = uint.MaxValue,
            (ref TimelineSnapshot t) => t.Events[0].InvolvedCount = 5,
            (ref TimelineSnapshot t) => t.Events[4].Probability = float.NaN,
            (ref TimelineSnapshot t) => t.Interventions[0].EventIndex = 5,
            (ref TimelineSnapshot t) => t.Interventions[1].Cost = float.PositiveInfinity,
            (ref TimelineSnapshot t) => t.TotalThreatScore = float.NaN,
        })
        {
            var frame = SampleFrames.Timelines(3);
            spoil(ref frame.Timelines[1]);
            var decoded = new TimelineFrame();
            Timelines.Decode(Timelines.Encode(frame, 2, 5), decoded).IsNone.ShouldBeTrue();
            decoded.Dropped.ShouldBe(1);
            decoded.Timelines.ToArray().Select(t => t.TimelineId).ShouldBe([7u, 9u]);
        }
    }

    [Fact]
    public void The_json_of_a_payload_says_how_many_objects_were_dropped()
    {
        var frame = SampleFrames.Detections(3);
        frame.Objects[0].Confidence = float.NaN;
        using var writer = new Utf8JsonWriter(new System.Buffers.ArrayBufferWriter<byte>());
        var rejection = Detections.PayloadToJson(Detections.Encode(frame, 2, 50), PayloadEncoding.Binary, writer);
        (rejection.IsNone, rejection.Found).ShouldBe((true, 1ul));
    }

    [Fact]
    public void An_image_whose_sizes_contradict_each_other_is_rejected()
    {
        var good = SampleFrames.Video();
        good.Header.Flags = VideoFlags.NoChecksum;
        var bytes = Video.Encode(good, 1, 24);
        Reject(40, 25).ShouldBe(new Rejection(RejectReason.Truncated, 88, 89));
        Reject(40, 23).Reason.ShouldBe(RejectReason.BadLayout);
        Reject(32, 11).Reason.ShouldBe(RejectReason.BadLayout);
        Reject(24, 0xFFFFFFFF).Reason.ShouldBe(RejectReason.BadLayout);
        Reject(36, 0).Reason.ShouldBe(RejectReason.Value);
        Reject(36, 6).Reason.ShouldBe(RejectReason.Value);
        Reject(4, 2).ShouldBe(new Rejection(RejectReason.VersionMismatch, 2, 1));
        Reject(44, 0).Reason.ShouldBe(RejectReason.Crc);

        Rejection Reject(int offset, uint value)
        {
            var copy = bytes.ToArray();
            BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(offset), value);
            return Video.Decode(copy, new VideoFrame());
        }
    }

    [Fact]
    public void An_image_in_json_is_held_to_the_same_rules()
    {
        var frame = SampleFrames.Video();
        frame.Header.Stride = 11;
        var back = new VideoFrame();
        Video.ReadJson(Video.ToJson(frame), back).Reason.ShouldBe(RejectReason.BadLayout);
        back.Data.Length.ShouldBe(0);
    }

    private delegate void SpoilTimeline(ref TimelineSnapshot timeline);

    private static void DecodeAll(byte[] payload)
    {
        var copy = payload.ToArray();
        _ = Detections.Decode(payload, new DetectionFrame());
        _ = Tracks.Decode(payload, new TrackFrame());
        _ = Timelines.Decode(payload, new TimelineFrame());
        _ = Video.Decode(payload, new VideoFrame());
        _ = new StatsCodec().Decode(payload, new JsonText());
        payload.ShouldBe(copy);
    }

    private static void Seal(byte[] bytes, FrameLayout layout)
    {
        var version = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(layout.CountOffset));
        var at = layout.ChecksumOffset(version == 1 ? 1 : 2, count);
        if (at <= bytes.Length - 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((int)at), Crc32.HashToUInt32(bytes.AsSpan(0, (int)at)));
        }
    }
}
