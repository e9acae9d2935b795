using System.Text.Json;

namespace Omnisight.Messages.Tests;

public sealed class JsonTests
{
    [Fact]
    public void Unknown_numbers_print_as_such_and_come_back()
    {
        var frame = new TrackFrame();
        frame.Add(new TrackedObject { Class = (ObjectClass)77, Behaviors = Behaviors.Running | (Behaviors)0x40000000 });
        var codec = new TrackCodec();
        var json = codec.ToJson(frame).Text();
        json.ShouldContain("\"class\":\"unknown(77)\"");
        json.ShouldContain("\"behaviors\":[\"running\",\"unknown(1073741824)\"]");

        var names = json.Replace("\"class_id\":77,", "", StringComparison.Ordinal).Replace(",\"behavior_flags\":1073741826", "", StringComparison.Ordinal);
        var back = new TrackFrame();
        codec.ReadJson(names.Utf8(), back).ShouldBe(Rejection.None);
        back.Tracks[0].Class.ShouldBe((ObjectClass)77);
        back.Tracks[0].Behaviors.ShouldBe(Behaviors.Running | (Behaviors)0x40000000);
    }

    [Fact]
    public void Members_that_are_not_known_are_skipped()
    {
        var frame = new DetectionFrame();
        new DetectionCodec().ReadJson(
            """{"epoch":5,"sequence":1,"mono_ns":2,"boot_id":"x","stale":false,"frame":{"depth":3,"width":10},"detections":[{"id":4,"new":[{"a":1}],"bbox":[0,0,1,1]}],"frame_id":18446744073709551615}"""u8, frame)
            .ShouldBe(Rejection.None);
        (frame.FrameId, frame.Width, frame.Objects[0].Id).ShouldBe((ulong.MaxValue, (ushort)10, 4u));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"detections\":{}}")]
    [InlineData("{\"detections\":[1]}")]
    [InlineData("{\"detections\":[{\"id\":-1}]}")]
    [InlineData("{\"detections\":[{\"bbox\":[1,2,3]}]}")]
    [InlineData("{\"detections\":[{\"bbox\":[1,2,3,4,5]}]}")]
    [InlineData("{\"detections\":[{\"appearance\":\"AAAA\"}]}")]
    [InlineData("{\"detections\":[],\"frame\":{\"width\":65536}}")]
    [InlineData("{\"detections\":[]}{}")]
    [InlineData("{\"detections\":[")]
    public void What_is_not_a_frame_is_bad_json(string json) =>
        new DetectionCodec().ReadJson(json.Utf8(), new DetectionFrame()).Reason.ShouldBe(RejectReason.BadJson);

    [Fact]
    public void A_number_too_large_drops_its_object()
    {
        var frame = new DetectionFrame();
        new DetectionCodec().ReadJson("""{"detections":[{"confidence":1e400},{"id":2}]}"""u8, frame).ShouldBe(Rejection.None);
        (frame.Count, frame.Dropped, frame.Objects[0].Id).ShouldBe((1, 1, 2u));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_shown_with_replacements()
    {
        var frame = SampleFrames.Timelines(2);
        "abc\xff"u8.CopyTo(frame.Timelines[1].Events[0].Description);
        ((Span<byte>)frame.Timelines[1].Events[0].Description)[3] = 0xFF;
        using var json = JsonDocument.Parse(new TimelineCodec().ToJson(frame));
        json.RootElement.GetProperty("timelines")[1].GetProperty("events")[0].GetProperty("description").GetString().ShouldStartWith("abc\uFFFD");
    }

    [Fact]
    public void A_document_passes_as_it_is_and_must_be_one_object()
    {
        var codec = new StatusCodec();
        var text = new JsonText();
        codec.Decode("""{"status":"running", "x":[1,2.50]}"""u8, text).ShouldBe(Rejection.None);
        codec.ToJson(text).Text().ShouldBe("""{"status":"running", "x":[1,2.50]}""");
        codec.Encode(text, 1, new byte[10]).ShouldBe(-1);
        foreach (var bad in new[] { "", "3", "[]", "{", "{}}", "{\"a\":\"\uD800\"" })
        {
            codec.Decode(bad.Utf8(), text).Reason.ShouldBe(RejectReason.BadJson);
        }
    }

    [Fact]
    public void Large_images_are_shown_without_their_data()
    {
        var codec = new VideoCodec();
        var frame = new VideoFrame { Header = new VideoHeader { Width = 640, Height = 480, Stride = 640, Format = PixelFormat.Gray8, Flags = VideoFlags.NoChecksum } };
        frame.Resize(640 * 480).Clear();
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            codec.PayloadToJson(codec.Encode(frame, 1, 640 * 480), PayloadEncoding.Binary, writer).IsNone.ShouldBeTrue();
        }

        using var json = JsonDocument.Parse(buffer.WrittenMemory);
        json.RootElement.GetProperty("data").ValueKind.ShouldBe(JsonValueKind.Null);
        json.RootElement.GetProperty("data_bytes").GetInt32().ShouldBe(640 * 480);
    }
}
