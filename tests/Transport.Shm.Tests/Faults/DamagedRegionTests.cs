using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>Regions that somebody damaged: the reader says what is wrong, keeps its last good frame, and never reads outside (FAULTS 20 to 32).</summary>
public sealed class DamagedRegionTests : ShmTest
{
    public static TheoryData<int, uint> BadLayouts => new(
        (RegionLayout.HeaderBytesAt, 0u),
        (RegionLayout.HeaderBytesAt, 64u),
        (RegionLayout.HeaderBytesAt, 4097u),
        (RegionLayout.HeaderBytesAt, 0x0010_0040u),
        (RegionLayout.HeaderBytesAt, 0xFFFF_FFC0u),
        (RegionLayout.SlotCountAt, 0u),
        (RegionLayout.SlotCountAt, 1u),
        (RegionLayout.SlotCountAt, 5u),
        (RegionLayout.SlotCountAt, 65u),
        (RegionLayout.SlotCountAt, 0x8000_0000u),
        (RegionLayout.SlotCountAt, uint.MaxValue),
        (RegionLayout.SlotStrideAt, 0u),
        (RegionLayout.SlotStrideAt, 64u),
        (RegionLayout.SlotStrideAt, 4161u),
        (RegionLayout.SlotStrideAt, 0xFFFF_FFC0u),
        (RegionLayout.PayloadCapacityAt, 0x8000_0000u),
        (RegionLayout.PayloadCapacityAt, 0x7FFF_FFFFu),
        (RegionLayout.PayloadCapacityAt, RegionLayout.MaxPayloadCapacity + 1u),
        (RegionLayout.PayloadCapacityAt, uint.MaxValue),
        (RegionLayout.PayloadCapacityAt, 4097u),
        (RegionLayout.RegionBytesAt, 0u),
        (RegionLayout.RegionBytesAt, uint.MaxValue),
        (RegionLayout.RegionBytesAt + 4, uint.MaxValue));

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_byte_swapped_magic_is_named_and_the_last_good_frame_stays(string mode)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        var reader = Reader(mode);
        await ReadUntil(reader, ReadStatus.Fresh);

        RegionBytes.Write(RegionPath, RegionLayout.MagicAt, BinaryPrimitives.ReverseEndianness(RegionLayout.Magic));

        var info = await ReadUntil(reader, ReadStatus.Rejected);
        info.Rejection.ShouldBe(new Rejection(RejectReason.BadMagic, 0x524E4D4F, RegionLayout.Magic));
        info.Sequence.ShouldBe(1ul);
        (await ReadUntil(Reader(mode), ReadStatus.Rejected)).Rejection.Reason.ShouldBe(RejectReason.BadMagic);

        RegionBytes.Write(RegionPath, RegionLayout.MagicAt, RegionLayout.Magic);
        await ReadUntil(reader, ReadStatus.WriterGone);
    }

    [Fact]
    public async Task Another_major_version_is_refused_naming_both()
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        RegionBytes.Write(RegionPath, RegionLayout.MajorAt, 2, 0);

        var info = await ReadUntil(Reader(), ReadStatus.Rejected);

        info.Rejection.ShouldBe(new Rejection(RejectReason.VersionMismatch, 2, 1));
        info.Rejection.ToString().ShouldContain("found version 2, this reader knows up to 1");
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_newer_minor_version_with_a_longer_header_is_read(string mode)
    {
        Publish(Publisher(), 1);
        var old = RegionBytes.Read(RegionPath, 0, (int)new FileInfo(RegionPath).Length);
        var longer = new byte[old.Length + 128];
        old.AsSpan(0, RegionLayout.HeaderBytes).CopyTo(longer);
        old.AsSpan(RegionLayout.HeaderBytes).CopyTo(longer.AsSpan(RegionLayout.HeaderBytes + 128));
        BinaryPrimitives.WriteUInt16LittleEndian(longer.AsSpan(RegionLayout.MinorAt), 7);
        BinaryPrimitives.WriteUInt32LittleEndian(longer.AsSpan(RegionLayout.HeaderBytesAt), RegionLayout.HeaderBytes + 128);
        BinaryPrimitives.WriteUInt64LittleEndian(longer.AsSpan(RegionLayout.RegionBytesAt), (ulong)longer.Length);
        using var other = new TestInstance();
        File.WriteAllBytes(other.Region("stress"), longer);
        File.SetUnixFileMode(other.Region("stress"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var reader = Kept(Kept(new ShmTransport(new ShmContext(other, new ShmOptions { ReadMode = mode }))).OpenReader(Stress()));

        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(1ul);
    }

    [Theory]
    [MemberData(nameof(BadLayouts))]
    public async Task A_layout_that_contradicts_itself_or_the_file_is_never_mapped(int at, uint value)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        RegionBytes.Write(RegionPath, at, value);

        foreach (var mode in new[] { "safe", "map" })
        {
            (await ReadUntil(Reader(mode), ReadStatus.Rejected)).Rejection.Reason.ShouldBe(RejectReason.BadLayout);
        }
    }

    [Theory]
    [InlineData("safe", 4097u)]
    [InlineData("safe", uint.MaxValue)]
    [InlineData("map", 4097u)]
    [InlineData("map", uint.MaxValue)]
    public async Task A_frame_longer_than_its_slot_is_rejected_without_looking_at_it(string mode, uint bytes)
    {
        var publisher = Publisher();
        var reader = Reader(mode);
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        Publish(publisher, 2);
        RegionBytes.Write(RegionPath, RegionBytes.Slot(RegionPath, 2) + RegionLayout.SlotPayloadBytesAt, bytes);

        var info = await ReadUntil(reader, ReadStatus.Rejected);

        info.Rejection.ShouldBe(new Rejection(RejectReason.BadLayout, bytes, PayloadBytes));
        info.Sequence.ShouldBe(1ul);
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_heartbeat_from_the_future_keeps_no_dead_writer_alive(string mode)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        RegionBytes.Write(RegionPath, RegionLayout.PidNamespaceAt, 0ul);
        RegionBytes.Write(RegionPath, RegionLayout.HeartbeatAt, (ulong)long.MaxValue);
        RegionBytes.Write(RegionPath, RegionBytes.Slot(RegionPath, 1) + RegionLayout.SlotPublishMonoNsAt, (ulong)long.MaxValue);
        var reader = Reader(mode);

        await ReadUntil(reader, ReadStatus.Fresh);
        await ReadUntil(reader, ReadStatus.WriterGone);
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task What_a_header_announces_costs_a_reader_no_memory(string mode)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        const long slots = 4, stride = RegionLayout.MaxPayloadCapacity + RegionLayout.SlotHeaderBytes;
        RegionBytes.Write(RegionPath, RegionLayout.PayloadCapacityAt, (uint)RegionLayout.MaxPayloadCapacity);
        RegionBytes.Write(RegionPath, RegionLayout.SlotStrideAt, (uint)stride);
        RegionBytes.Write(RegionPath, RegionLayout.RegionBytesAt, (ulong)(RegionLayout.HeaderBytes + (slots * stride)));
        RegionBytes.Truncate(RegionPath, RegionLayout.HeaderBytes + (slots * stride));
        var before = GC.GetTotalAllocatedBytes(precise: true);

        (await ReadUntil(Reader(mode), ReadStatus.Fresh)).Sequence.ShouldBe(1ul);

        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(RegionLayout.MaxPayloadCapacity / 4);
    }

    [Fact]
    public async Task A_header_that_becomes_another_valid_one_is_attached_as_that()
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        Publish(publisher, 2);
        await Abandon(publisher);
        var reader = Reader();
        await ReadUntil(reader, ReadStatus.Fresh, info => info.Sequence == 2);

        RegionBytes.Write(RegionPath, RegionLayout.EpochAt, 77ul);

        var info = await ReadUntil(reader, ReadStatus.Fresh);
        (info.Epoch, info.Sequence).ShouldBe((77ul, 2ul));
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task The_sequence_may_wrap(string mode)
    {
        const ulong nearTheEnd = (1ul << 63) - 3;
        var publisher = (ShmPublisher)Publisher();
        var reader = Reader(mode);
        publisher.NextSequence = nearTheEnd;

        for (var n = nearTheEnd; n < nearTheEnd + 8; n++)
        {
            Publish(publisher, n);
            var info = await ReadUntil(reader, ReadStatus.Fresh);
            info.Sequence.ShouldBe(n);
            RegionBytes.U64(RegionPath, RegionBytes.Slot(RegionPath, n)).ShouldBe(unchecked(2 * n));
        }

        reader.Counters.Lost.ShouldBe(0);
    }

    [Fact]
    public async Task A_channel_that_carries_another_message_is_refused()
    {
        Publish(Publisher(), 1);
        var reader = Reader(channel: Stress() with { MessageId = "acme.lidar/1" });

        (await ReadUntil(reader, ReadStatus.Rejected)).Rejection.Reason.ShouldBe(RejectReason.MessageMismatch);
    }

    [Theory]
    [InlineData("safe", 10)]
    [InlineData("map", 10)]
    [InlineData("safe", 4_000_000_000)]
    [InlineData("map", -4_000_000_000)]
    public async Task A_frame_from_the_future_is_of_no_known_time(string mode, long seconds)
    {
        var reader = Reader(mode);
        Publish(Publisher(), 1);
        var at = RegionBytes.Slot(RegionPath, 1) + RegionLayout.SlotPublishMonoNsAt;
        RegionBytes.Write(RegionPath, at, unchecked((ulong)(MonotonicClock.NowNs(TimeProvider.System) + (seconds * 1_000_000_000))));

        (await ReadUntil(reader, ReadStatus.Fresh)).PublishedMonoNs.ShouldBe(0);
        reader.Read(Decoder, out _).ShouldBe(ReadStatus.Idle, "it is no news that its writer lives");
    }

    [Fact]
    public async Task Ten_rejected_frames_in_a_row_open_the_region_again()
    {
        var context = new ShmContext(Instance);
        var reader = Kept(Transport(context).OpenReader(Stress()));
        var publisher = Publisher();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        var rejecting = new RejectingDecoder();

        for (var n = 2ul; n <= 32; n++)
        {
            Publish(publisher, n);
            reader.Read(rejecting, out var info).ShouldBe(ReadStatus.Rejected);
            info.Sequence.ShouldBe(1ul);
        }

        context.Log.At(LogLevel.Error).ShouldHaveSingleItem("once a minute: the writer may be fast").ShouldContain("10 frames rejected in a row");
        context.Log.At(LogLevel.Warning).Count(l => l.Contains("rejected crc", StringComparison.Ordinal)).ShouldBe(1, "once a minute");
        reader.Counters.Rejects(RejectReason.Crc).ShouldBe(31);
        Publish(publisher, 33);
        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(33ul);
    }

    /// <summary>The tenth rejection has the region opened again, and a mend makes it anew: the newest frame is the rejected one all the same.</summary>
    [Theory]
    [InlineData(10, false)]
    [InlineData(1, true)]
    public async Task A_rejected_frame_is_told_of_until_a_newer_one_comes(int rejections, bool mended)
    {
        var reader = Reader();
        var publisher = (ShmPublisher)Publisher();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        for (var n = 2ul; n < 2 + (ulong)rejections; n++)
        {
            Publish(publisher, n);
            reader.Read(new RejectingDecoder(), out _).ShouldBe(ReadStatus.Rejected);
        }

        if (mended)
        {
            var before = Inode();
            File.Delete(RegionPath);
            publisher.Beat();
            Inode().ShouldNotBe(before);
        }

        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1))
        {
            reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Rejected);
            info.Rejection.Reason.ShouldBe(RejectReason.Crc);
        }

        Publish(publisher, 2 + (ulong)rejections);
        await ReadUntil(reader, ReadStatus.Fresh);
    }

    private sealed class RejectingDecoder : IPayloadDecoder
    {
        public Rejection Decode(ReadOnlySpan<byte> payload) => new(RejectReason.Crc, 1, 2);
    }
}
