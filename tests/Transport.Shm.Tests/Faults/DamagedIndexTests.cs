using System.Diagnostics;
using Omnisight.PeerProcess;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>An index, or a number in a slot, that somebody damaged: no reader goes deaf, none gets an older frame, and the writer puts it right (FAULTS 20 to 32).</summary>
public sealed class DamagedIndexTests : ShmTest
{
    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task An_index_whose_slot_never_becomes_readable_is_contended_then_rejected(string mode)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        var reader = Reader(mode);
        await ReadUntil(reader, ReadStatus.Fresh);

        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, 7ul);

        reader.Read(Decoder, out _).ShouldBe(ReadStatus.Contended);
        var info = await ReadUntil(reader, ReadStatus.Rejected);
        info.Rejection.Reason.ShouldBe(RejectReason.Latest);
        info.Rejection.Found.ShouldBe(7ul);
        info.Sequence.ShouldBe(1ul);
        await ReadUntil(reader, ReadStatus.WriterGone);
        reader.Counters.Rejects(RejectReason.Latest).ShouldBe(1, "counted once, not with every look");
    }

    [Theory]
    [InlineData("safe", 7)]
    [InlineData("map", 7)]
    [InlineData("safe", 1L << 40)]
    [InlineData("map", 1L << 40)]
    [InlineData("safe", long.MinValue)]
    [InlineData("map", long.MinValue)]
    public async Task A_damaged_index_costs_no_frame_that_the_writer_goes_on_to_publish(string mode, long index)
    {
        var publisher = Publisher();
        var reader = Reader(mode);
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        await Eventually.Become(
            () =>
            {
                // Again and again, for the writer puts it right twice a second.
                RegionBytes.Write(RegionPath, RegionLayout.LatestAt, unchecked((ulong)index));
                return reader.Read(Decoder, out var info) == ReadStatus.Rejected && info.Rejection.Reason == RejectReason.Latest;
            },
            "the index is rejected");

        for (var n = 2ul; n <= 9; n++)
        {
            Publish(publisher, n);
            reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh);
            info.Sequence.ShouldBe(n);
        }

        reader.Counters.Lost.ShouldBe(0);
    }

    /// <summary>The number that was in the index for nothing is that of the next frame: whoever waits is not left asleep beside it.</summary>
    [Theory]
    [InlineData("safe", false)]
    [InlineData("map", false)]
    [InlineData("safe", true)]
    public async Task A_frame_whose_number_was_in_the_index_before_it_came_ends_a_wait(string mode, bool async)
    {
        var publisher = Publisher();
        var reader = Reader(mode);
        Publish(publisher, 1);
        Publish(publisher, 2);
        await ReadUntil(reader, ReadStatus.Fresh);
        await Eventually.Become(
            () =>
            {
                RegionBytes.Write(RegionPath, RegionLayout.LatestAt, 3ul);
                return reader.Read(Decoder, out _) == ReadStatus.Rejected;
            },
            "the index is rejected");

        var waiting = async ? reader.WaitAsync(TestContext.Current.CancellationToken) : default;
        var start = Stopwatch.GetTimestamp();
        Publish(publisher, 3);
        var isNew = async ? await waiting : ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(5));

        isNew.ShouldBeTrue();
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromMilliseconds(800));
        reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh);
        info.Sequence.ShouldBe(3ul);
    }

    /// <summary>Index, slot and content agree, and the number is far ahead: all that the writer goes on to publish lies below it.</summary>
    [Fact]
    public async Task A_forged_frame_far_ahead_makes_no_reader_deaf()
    {
        const ulong ahead = 1ul << 40;
        var publisher = Publisher();
        Publish(publisher, 1);
        var readers = new[] { Reader("safe"), Reader("map") };
        foreach (var reader in readers)
        {
            await ReadUntil(reader, ReadStatus.Fresh);
        }

        await Eventually.Become(
            () =>
            {
                // Again and again, for the writer puts its index right twice a second.
                Forge(ahead);
                return readers.Count(r => r.Read(Decoder, out var info) is ReadStatus.Fresh or ReadStatus.Unchanged && info.Sequence == ahead) == readers.Length;
            },
            "both readers took the forged frame");

        Publish(publisher, 2);
        foreach (var reader in readers)
        {
            reader.Read(Decoder, out var info).ShouldNotBe(ReadStatus.Fresh, "one number below is a damaged index as like as not");
            info.Sequence.ShouldBe(ahead);
        }

        var number = 2ul;
        await Eventually.Become(
            () =>
            {
                Publish(publisher, ++number);
                return readers.Count(r => r.Read(Decoder, out var info) == ReadStatus.Fresh && info.Sequence == number && Decoder.IsWhole) == readers.Length;
            },
            "both readers follow the writer again");

        Publish(publisher, ++number);
        foreach (var reader in readers)
        {
            reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh);
            (info.Sequence, info.Missed).ShouldBe((number, 0ul));
            reader.Counters.Rejects(RejectReason.Latest).ShouldBe(1);
            reader.Counters.Resets.ShouldBe(1);
            reader.Counters.Lost.ShouldBe(0, "what a forged number seemed to hide never was");
        }

        void Forge(ulong sequence)
        {
            var payload = new byte[PayloadBytes];
            var bytes = StressPayload.Fill(sequence, payload, PayloadBytes);
            var slot = RegionBytes.Slot(RegionPath, sequence);
            RegionBytes.Write(RegionPath, slot + RegionLayout.SlotHeaderBytes, payload[..bytes]);
            RegionBytes.Write(RegionPath, slot + RegionLayout.SlotPayloadBytesAt, (uint)bytes);
            RegionBytes.Write(RegionPath, slot + RegionLayout.SlotPublishMonoNsAt, (ulong)Stopwatch.GetTimestamp());
            RegionBytes.Write(RegionPath, slot, 2 * sequence);
            RegionBytes.Write(RegionPath, RegionLayout.LatestAt, sequence);
        }
    }

    /// <summary>
    /// The index names a frame that is still whole in its slot, but was taken or passed long ago. It stands still, goes between two old ones, or rises as a
    /// writer's numbers would; what it names was published before it began.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_index_that_went_back_gives_no_older_frame(bool rises)
    {
        var publisher = Publisher();
        for (var n = 1ul; n <= 4; n++)
        {
            Publish(publisher, n);
        }

        await Abandon(publisher);
        var readers = new[] { Reader("safe"), Reader("map") };
        foreach (var reader in readers)
        {
            (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(4ul);
        }

        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < TimeSpan.FromMilliseconds(1500);)
        {
            var index = rises ? 1 + Math.Min(2, (ulong)elapsed.TotalMilliseconds / 400) : Random.Shared.NextDouble() < 0.5 ? 2ul : 3ul;
            RegionBytes.Write(RegionPath, RegionLayout.LatestAt, index);
            foreach (var reader in readers)
            {
                reader.Read(Decoder, out var info).ShouldNotBe(ReadStatus.Fresh);
                info.Sequence.ShouldBe(4ul);
            }
        }
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_quiet_writer_puts_its_damaged_index_right_by_itself(string mode)
    {
        var publisher = Publisher();
        var reader = Reader(mode);
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);

        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, 1ul << 40);

        await Eventually.Become(() => RegionBytes.U64(RegionPath, RegionLayout.LatestAt) == 1, "the index is right again");
        await ReadUntil(reader, ReadStatus.Idle);
        (await ReadUntil(Reader(mode), ReadStatus.Fresh)).Sequence.ShouldBe(1ul);
    }
}
