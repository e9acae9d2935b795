namespace Omnisight.Messages.Tests;

public sealed class CapacityTests
{
    private static readonly DetectionCodec Codec = new();

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, 10u)]
    public void What_does_not_fit_is_the_least_confident_and_is_counted(int version, uint? truncated)
    {
        var frame = SampleFrames.Detections(60);
        frame.Objects.Reverse();
        var decoded = new DetectionFrame();
        Codec.Decode(Codec.Encode(frame, version, 50), decoded).IsNone.ShouldBeTrue();
        frame.LeftOut.ShouldBe(10);
        decoded.Truncated.ShouldBe(truncated);
        decoded.Objects.ToArray().Select(o => o.Id).ShouldBe(Enumerable.Range(1, 50).Reverse().Select(i => (uint)i), "the order stays");
    }

    [Fact]
    public void Of_equals_the_first_ones_stay_and_a_confidence_that_is_no_number_comes_last()
    {
        var frame = new DetectionFrame();
        foreach (var (id, confidence) in new[] { (1u, 0.5f), (2u, float.NaN), (3u, 0.5f), (4u, 0.9f), (5u, 0.5f) })
        {
            frame.Add(new DetectedObject { Id = id, Confidence = confidence });
        }

        var decoded = new DetectionFrame();
        Codec.Decode(Codec.Encode(frame, 2, 3), decoded).IsNone.ShouldBeTrue();
        decoded.Objects.ToArray().Select(o => o.Id).ShouldBe([1u, 3u, 4u]);
        decoded.Truncated.ShouldBe(2u);
    }

    [Fact]
    public void In_JSON_too_the_least_confident_are_left_out_and_counted()
    {
        var frame = SampleFrames.Detections(60);
        frame.Objects.Reverse();
        frame.Truncated = 7;
        var decoded = new DetectionFrame();
        Codec.ReadJson(Codec.ToJson(frame, 50), decoded).IsNone.ShouldBeTrue();
        frame.LeftOut.ShouldBe(10);
        decoded.Truncated.ShouldBe(17u);
        decoded.Objects.ToArray().Select(o => o.Id).ShouldBe(Enumerable.Range(1, 50).Reverse().Select(i => (uint)i), "the order stays");

        Codec.ReadJson(Codec.ToJson(frame, 60), decoded).IsNone.ShouldBeTrue();
        (decoded.Count, decoded.Truncated, frame.LeftOut).ShouldBe((60, 7u, 0));
        Codec.ReadJson(Codec.ToJson(frame, 0), decoded).IsNone.ShouldBeTrue();
        (decoded.Count, decoded.Truncated).ShouldBe((0, 67u));
    }

    [Fact]
    public void What_was_left_out_before_is_counted_on()
    {
        var frame = SampleFrames.Detections(4);
        frame.Truncated = 7;
        var decoded = new DetectionFrame();
        Codec.Decode(Codec.Encode(frame, 2, 1), decoded).IsNone.ShouldBeTrue();
        decoded.Truncated.ShouldBe(10u);
    }

    [Fact]
    public void A_destination_without_room_for_a_frame_is_refused()
    {
        Codec.Encode(SampleFrames.Detections(1), 1, new byte[5239]).ShouldBe(-1);
        Codec.Encode(SampleFrames.Detections(1), 2, new byte[47]).ShouldBe(-1);
        Codec.Encode(SampleFrames.Detections(1), 2, new byte[48]).ShouldBe(48);
    }

    [Fact]
    public void A_text_is_cut_between_characters()
    {
        var text = Text48.From(new string('a', 47) + "é");
        text.ToString().ShouldBe(new string('a', 47));
        Text48.From(new string('é', 24)).ToString().ShouldBe(new string('é', 24));
        Text48.From("a\0b").ToString().ShouldBe("a");
    }

    [Fact]
    public void The_typed_publisher_counts_what_did_not_fit()
    {
        var bytes = new MemoryPublisher(Codec.DefaultChannel);
        var publisher = new Publisher<DetectionFrame>(bytes, Codec);
        publisher.Publish(SampleFrames.Detections(53)).ShouldBe(PublishResult.Published);
        publisher.Publish(SampleFrames.Detections(50)).ShouldBe(PublishResult.Published);
        bytes.Counters.Truncated.ShouldBe(3);
    }

    private sealed class MemoryPublisher(ChannelSpec channel) : IPublisher
    {
        public ChannelSpec Channel => channel;

        public PayloadEncoding Encoding => PayloadEncoding.Binary;

        public ulong Epoch => 1;

        public ChannelCounters Counters { get; } = new();

        public PublishResult Publish(ReadOnlySpan<byte> payload) => PublishResult.Published;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
