using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Omnisight.PeerProcess;

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
    public async Task A_file_cut_short_under_a_safe_reader_costs_a_read_and_nothing_else()
    {
        var publisher = Publisher();
        var reader = Reader();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);

        RegionBytes.Truncate(RegionPath, 0);

        var info = await ReadUntil(reader, ReadStatus.Rejected);
        info.Rejection.Reason.ShouldBe(RejectReason.Truncated);
        info.Sequence.ShouldBe(1ul);
        ((IBlockingReader)reader).Wait(TimeSpan.FromMilliseconds(50));

        // The writer looks before it touches its memory: it makes a new region and goes on in the same epoch.
        Publish(publisher, 2);
        var next = await ReadUntil(reader, ReadStatus.Fresh);
        (next.Epoch, next.Sequence, next.Missed).ShouldBe((publisher.Epoch, 2ul, 0ul));
        reader.Counters.Rejects(RejectReason.Truncated).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_wait_on_a_file_that_is_cut_short_ends()
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        var reader = Reader();
        await ReadUntil(reader, ReadStatus.Fresh);
        var sleeping = await BlockedThread.Wait(reader, TimeSpan.FromSeconds(30));

        RegionBytes.Truncate(RegionPath, 100);

        (await sleeping).ShouldBeTrue("a wait on a file that shrank ends");
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_removed_region_is_made_anew_with_its_newest_frame(string mode)
    {
        var context = new ShmContext(Instance);
        var publisher = Kept(Transport(context).OpenPublisher(Stress()));
        var reader = Reader(mode);
        Publish(publisher, 1);
        Publish(publisher, 2);
        await ReadUntil(reader, ReadStatus.Fresh, info => info.Sequence == 2);

        File.Delete(RegionPath);
        await Eventually.Become(() => File.Exists(RegionPath), "the region is there again");

        (await ReadUntil(Reader(mode), ReadStatus.Fresh)).Sequence.ShouldBe(2ul);
        context.Log.At(LogLevel.Warning).ShouldContain(l => l.Contains("removed or replaced", StringComparison.Ordinal));
        for (var i = 0; i < 20; i++)
        {
            reader.Read(Decoder, out _).ShouldBeOneOf(ReadStatus.Unchanged, ReadStatus.Idle);
        }

        Publish(publisher, 3);
        var info = await ReadUntil(reader, ReadStatus.Fresh);
        (info.Epoch, info.Sequence, info.Missed).ShouldBe((publisher.Epoch, 3ul, 0ul));
        reader.Counters.Resets.ShouldBe(0);
    }

    [Fact]
    public async Task A_region_replaced_by_another_file_is_put_right()
    {
        var publisher = Publisher();
        var reader = Reader();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);

        var other = RegionPath + "-copy";
        File.WriteAllBytes(other, new byte[8192]);
        File.Move(other, RegionPath, overwrite: true);

        await Eventually.Become(() => RegionBytes.U32(RegionPath, RegionLayout.MagicAt) == RegionLayout.Magic, "the region is the writer's again");
        Publish(publisher, 2);
        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(2ul);
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_wait_puts_off_the_look_at_a_region_by_less_than_a_second(string mode)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        var time = new FakeTimeProvider();
        var reader = Kept(Transport(new ShmContext(Instance, new ShmOptions { ReadMode = mode }) { Time = time }).OpenReader(Stress()));
        ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(10)).ShouldBeTrue();

        File.SetUnixFileMode(RegionPath, (UnixFileMode)Convert.ToInt32("666", 8));
        time.Advance(TimeSpan.FromSeconds(1));

        reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Rejected);
        info.Rejection.Reason.ShouldBe(RejectReason.UnsafeOwner);
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_region_that_others_may_write_is_refused_also_later(string mode)
    {
        var context = new ShmContext(Instance, new ShmOptions { ReadMode = mode });
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        var reader = Kept(Transport(context).OpenReader(Stress()));
        await ReadUntil(reader, ReadStatus.Fresh);

        File.SetUnixFileMode(RegionPath, (UnixFileMode)Convert.ToInt32("666", 8));

        var info = await ReadUntil(reader, ReadStatus.Rejected);
        info.Rejection.ShouldBe(new Rejection(RejectReason.UnsafeOwner, 666, 640));
        context.Log.At(LogLevel.Error).ShouldHaveSingleItem().ShouldContain(RegionPath);
        (await ReadUntil(Reader(mode), ReadStatus.Rejected)).Rejection.Reason.ShouldBe(RejectReason.UnsafeOwner);
    }

    /// <summary>A reader keeps its region; what lies in its place, and why it does not go over to it, is counted and logged.</summary>
    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task What_takes_a_stopped_writers_place_and_may_not_be_read_is_told(string mode)
    {
        var context = new ShmContext(Instance, new ShmOptions { ReadMode = mode });
        var publisher = Publisher();
        Publish(publisher, 1);
        var reader = Kept(Transport(context).OpenReader(Stress()));
        await ReadUntil(reader, ReadStatus.Fresh);
        var newer = File.ReadAllBytes(RegionPath);
        newer[RegionLayout.MajorAt]++;
        await publisher.DisposeAsync();
        await ReadUntil(reader, ReadStatus.WriterStopped);

        File.WriteAllBytes(RegionPath, newer);

        await ReadUntil(reader, ReadStatus.WriterStopped, _ => reader.Counters.Rejects(RejectReason.VersionMismatch) == 1);
        context.Log.At(LogLevel.Error).ShouldHaveSingleItem().ShouldContain("version_mismatch");
        Publish(Publisher(), 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        reader.Counters.TotalRejects.ShouldBe(1);
    }

    [Fact]
    public async Task A_symbolic_link_in_place_of_the_region_is_refused()
    {
        using var other = new TestInstance();
        await using var transport = new ShmTransport(new ShmContext(other));
        await using var publisher = transport.OpenPublisher(Stress());
        Publish(publisher, 1);
        File.CreateSymbolicLink(RegionPath, other.Region("stress"));

        (await ReadUntil(Reader(), ReadStatus.Rejected)).Rejection.Reason.ShouldBe(RejectReason.UnsafeOwner);
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

    private sealed class RejectingDecoder : IPayloadDecoder
    {
        public Rejection Decode(ReadOnlySpan<byte> payload) => new(RejectReason.Crc, 1, 2);
    }
}
