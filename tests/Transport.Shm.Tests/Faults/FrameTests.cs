using System.Buffers.Binary;
using System.IO.Hashing;
using Omnisight.Messages;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>Frames damaged in their slot, read through their codec (FAULTS 22, 23, 27).</summary>
public sealed class FrameTests : ShmTest
{
    private const int CountAt = 24;
    private const int FirstConfidenceAt = 40 + 8;

    private static readonly ChannelSpec Detections = new DetectionCodec().DefaultChannel with
    {
        MaxPayloadBytes = new DetectionCodec().MaxBytes(2, 50, PayloadEncoding.Binary),
    };

    private readonly DetectionFrame _frame = new() { Width = 640, Height = 480 };

    private string Path => Instance.Region("detections");

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_flipped_bit_is_found_by_the_checksum_and_the_last_good_frame_stays(string mode)
    {
        var (publisher, reader) = await Pair(mode);
        Publish(publisher, 2);
        var at = RegionBytes.Payload(Path, 2) + 100;
        RegionBytes.Write(Path, at, (byte)(RegionBytes.Read(Path, at, 1)[0] ^ 0x10));

        reader.Read(out var info).ShouldBe(ReadStatus.Rejected);

        info.Rejection.Reason.ShouldBe(RejectReason.Crc);
        reader.Latest.Value.FrameId.ShouldBe(1ul);
        reader.Latest.Info.Sequence.ShouldBe(1ul);
        reader.Read().ShouldBe(ReadStatus.Rejected, "it is told for as long as nothing newer comes, and counted once");
        reader.Bytes.Counters.Rejects(RejectReason.Crc).ShouldBe(1);
        Publish(publisher, 3);
        reader.Read().ShouldBe(ReadStatus.Fresh);
    }

    [Theory]
    [InlineData("safe", 51u)]
    [InlineData("safe", 0x8000_0000u)]
    [InlineData("safe", uint.MaxValue)]
    [InlineData("map", 51u)]
    [InlineData("map", 0x8000_0000u)]
    [InlineData("map", uint.MaxValue)]
    public async Task A_count_beyond_the_slot_is_rejected_even_under_a_right_checksum(string mode, uint count)
    {
        var (publisher, reader) = await Pair(mode);
        Publish(publisher, 2);
        Reseal(2, CountAt, BitConverter.GetBytes(count));

        reader.Read(out var info).ShouldBe(ReadStatus.Rejected);

        info.Rejection.Reason.ShouldBe(RejectReason.Count);
        info.Rejection.Found.ShouldBe(count);
        reader.Latest.Value.FrameId.ShouldBe(1ul);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public async Task An_object_with_a_number_that_is_none_is_dropped_and_counted(float value)
    {
        var (publisher, reader) = await Pair("safe");
        Publish(publisher, 2);
        Reseal(2, FirstConfidenceAt, BitConverter.GetBytes(value));

        reader.Read().ShouldBe(ReadStatus.Fresh);

        reader.Latest.Value.Objects.Length.ShouldBe(49);
        reader.Latest.Value.Dropped.ShouldBe(1);
        reader.Bytes.Counters.Rejects(RejectReason.Value).ShouldBe(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Both_versions_are_read_from_one_region(int version)
    {
        var spec = Detections with { MessageId = $"omnisight.detections/{version}" };
        var publisher = new Publisher<DetectionFrame>(Kept(Transport().OpenPublisher(spec)), new DetectionCodec());
        Publish(publisher, 1);

        await using var reader = new Reader<DetectionFrame>(Transport().OpenReader(Detections), new DetectionCodec());

        await Eventually.Become(() => reader.Read() == ReadStatus.Fresh, "a frame");
        reader.Latest.Value.Version.ShouldBe(version);
        reader.Latest.Value.Objects.Length.ShouldBe(50);
    }

    private async Task<(Publisher<DetectionFrame> Publisher, Reader<DetectionFrame> Reader)> Pair(string mode)
    {
        var codec = new DetectionCodec();
        var publisher = new Publisher<DetectionFrame>(Kept(Transport().OpenPublisher(Detections)), codec);
        var reader = Kept(new Reader<DetectionFrame>(Transport(new ShmOptions { ReadMode = mode }).OpenReader(Detections), codec));
        Publish(publisher, 1);
        await Eventually.Become(() => reader.Read() == ReadStatus.Fresh, "the first frame");
        return (publisher, reader);
    }

    private void Publish(Publisher<DetectionFrame> publisher, ulong id)
    {
        _frame.FrameId = id;
        foreach (ref var detection in _frame.Resize(50))
        {
            detection.Confidence = 0.5f;
            detection.Bbox = new Box(0.1f, 0.1f, 0.2f, 0.2f);
        }

        publisher.Publish(_frame).ShouldBe(PublishResult.Published);
    }

    /// <summary>Changes a frame and gives it the checksum that belongs to it.</summary>
    private void Reseal(ulong sequence, int at, byte[] bytes)
    {
        var start = RegionBytes.Payload(Path, sequence);
        RegionBytes.Write(Path, start + at, bytes);
        const int checksumAt = 40 + (50 * 104);
        RegionBytes.Write(Path, start + checksumAt, Crc32.HashToUInt32(RegionBytes.Read(Path, start, checksumAt)));
    }
}
