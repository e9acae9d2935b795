using System.Runtime.InteropServices;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>The safe reader that takes the frame after its last one in one call: what proves it whole, and what sends it to latest.</summary>
public sealed class SafeReadTests : ShmTest
{
    private const int Slots = 4;

    /// <summary>So slow that nobody finds its dead writer out meanwhile.</summary>
    private static readonly ChannelSpec Slow = Stress(periodMs: 60_000);

    [Fact]
    public async Task The_frame_after_the_last_one_is_taken_without_latest()
    {
        var reader = await ReadUpTo(Slots + 1);
        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, Slots + 1ul);

        reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh);

        info.Sequence.ShouldBe(Slots + 2ul);
        Decoder.Number.ShouldBe(Slots + 2ul);
        reader.Read(Decoder, out _).ShouldBe(ReadStatus.Unchanged, "latest says what there is when the next frame is not there");
    }

    [Fact]
    public async Task A_frame_in_the_last_slot_waits_for_latest()
    {
        var reader = await ReadUpTo(Slots - 1);
        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, Slots - 1ul);

        reader.Read(Decoder, out _).ShouldBe(ReadStatus.Unchanged, "no slot follows it that could prove it");

        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, (ulong)Slots);
        reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh);
        info.Sequence.ShouldBe((ulong)Slots);
    }

    [Theory]
    [InlineData(5ul, ReadStatus.Fresh)] // being written: frame 2's slot comes after it
    [InlineData(6ul, ReadStatus.Unchanged)] // complete: frame 2's slot may be next, so latest decides, and it names the old frame
    [InlineData(ulong.MaxValue, ReadStatus.Unchanged)]
    public async Task The_next_slot_proves_as_long_as_it_is_not_closed_for_the_next_frame(ulong next, ReadStatus expected)
    {
        var reader = await ReadUpTo(1);
        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, 1ul);
        RegionBytes.Write(RegionPath, RegionBytes.Slot(RegionPath, 3), next);

        reader.Read(Decoder, out _).ShouldBe(expected);
    }

    /// <summary>What a reader meets that is inside a frame while a successor without room takes the dead writer's memory: the seq it has read, zeros behind it, and no latest.</summary>
    [Fact]
    public async Task A_frame_whose_memory_was_given_away_is_not_taken()
    {
        var reader = await ReadUpTo(1);
        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, 0ul);
        RegionBytes.Write(RegionPath, RegionBytes.Payload(RegionPath, 2), new byte[PayloadBytes]);

        reader.Read(Decoder, out _).ShouldNotBe(ReadStatus.Fresh);
    }

    [Fact]
    public async Task A_slot_that_is_open_again_is_not_taken()
    {
        var reader = await ReadUpTo(1);
        RegionBytes.Write(RegionPath, RegionBytes.Slot(RegionPath, 2), (2ul * (2 + Slots)) - 1);

        reader.Read(Decoder, out _).ShouldBe(ReadStatus.Contended);
    }

    [Fact]
    public async Task A_region_cut_within_the_next_slot_costs_the_read_and_not_the_process()
    {
        var reader = await ReadUpTo(1);
        RegionBytes.Truncate(RegionPath, RegionBytes.Slot(RegionPath, 3) + 4);

        reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh, "frame 2 is whole, and latest can still be asked");
        info.Sequence.ShouldBe(2ul);
    }

    /// <summary>A reader that has just taken a frame, the next one published, and nobody left who would put the region right.</summary>
    private async Task<IReader> ReadUpTo(ulong last)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "needs the order in which x86-64 keeps loads");
        var publisher = Publisher(Slow, options: new ShmOptions { Slots = Slots });
        for (var number = 1ul; number <= last + 1; number++)
        {
            Publish(publisher, number);
        }

        await Abandon(publisher);
        var reader = Reader(channel: Slow);
        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, last);
        reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh);
        info.Sequence.ShouldBe(last);
        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, last + 1);
        return reader;
    }
}
