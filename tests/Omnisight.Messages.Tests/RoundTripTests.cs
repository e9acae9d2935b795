using CsCheck;

namespace Omnisight.Messages.Tests;

public sealed class RoundTripTests
{
    private readonly DetectionCodec _detections = new();
    private readonly TrackCodec _tracks = new();
    private readonly TimelineCodec _timelines = new();

    [Fact]
    public void Any_detection_frame_survives_both_forms() =>
        Select(Generate.DetectionFrame).Sample(c => Survives(_detections, c.Frame, c.Version, c.Frame.Count));

    [Fact]
    public void Any_track_frame_survives_both_forms() =>
        Select(Generate.TrackFrame).Sample(c => Survives(_tracks, c.Frame, c.Version, c.Frame.Count));

    [Fact]
    public void Any_timeline_frame_survives_both_forms() =>
        Select(Generate.TimelineFrame).Sample(c => Survives(_timelines, c.Frame, c.Version, c.Frame.Count), iter: 40);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 50)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(2, 1000)]
    public void Frames_of_every_size_survive(int version, int count) =>
        Survives(_detections, SampleFrames.Detections(count), version, count);

    [Fact]
    public void A_decoded_frame_says_which_version_it_came_in_and_whether_the_count_of_the_rest_is_known()
    {
        var frame = new DetectionFrame();
        _detections.Decode(_detections.Encode(SampleFrames.Detections(3), 1, 50), frame).IsNone.ShouldBeTrue();
        (frame.Version, frame.Truncated).ShouldBe((1, null));
        _detections.Decode(_detections.Encode(SampleFrames.Detections(3), 2, 50), frame).IsNone.ShouldBeTrue();
        (frame.Version, frame.Truncated).ShouldBe((2, 0u));
    }

    [Fact]
    public void An_image_survives_both_forms_with_and_without_checksum()
    {
        var codec = new VideoCodec();
        foreach (var flags in new[] { VideoFlags.None, VideoFlags.NoChecksum })
        {
            var frame = SampleFrames.Video();
            frame.Header.Flags = flags;
            var bytes = codec.Encode(frame, 1, 24);
            var back = new VideoFrame();
            codec.Decode(bytes, back).ShouldBe(Rejection.None);
            codec.Encode(back, 1, 24).ShouldBe(bytes);
            var fromJson = new VideoFrame();
            codec.ReadJson(codec.ToJson(back), fromJson).ShouldBe(Rejection.None);
            codec.Encode(fromJson, 1, 24).ShouldBe(bytes);
        }
    }

    private static Gen<(TFrame Frame, int Version)> Select<TFrame>(Gen<TFrame> frames) => Gen.Select(frames, Gen.Int[1, 2]);

    private static void Survives<TFrame, TElement>(FrameCodec<TFrame, TElement> codec, TFrame frame, int version, int capacity)
        where TFrame : ElementFrame<TElement>, new()
        where TElement : unmanaged
    {
        var bytes = codec.Encode(frame, version, capacity);
        var decoded = new TFrame();
        codec.Decode(bytes, decoded).ShouldBe(Rejection.None);
        decoded.Dropped.ShouldBe(0);
        codec.Encode(decoded, version, capacity).ShouldBe(bytes);

        var json = codec.ToJson(decoded);
        json.Length.ShouldBeLessThanOrEqualTo(codec.MaxBytes(version, capacity, PayloadEncoding.Json));
        var fromJson = new TFrame();
        codec.ReadJson(json, fromJson).ShouldBe(Rejection.None);
        fromJson.Dropped.ShouldBe(0);
        codec.Encode(fromJson, version, capacity).ShouldBe(bytes);
        codec.ToJson(fromJson).ShouldBe(json);
    }
}
