using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>Another file, a shorter one, or none where a reader has its region (FAULTS 28 to 31).</summary>
public sealed class ReplacedRegionTests : ShmTest
{
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

        // The writer finds it out with its next frame: it makes a new region and goes on in the same epoch.
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
    public async Task After_a_wait_one_read_takes_the_frame_that_it_was_for_and_the_next_one_looks_at_the_region(string mode)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        var time = new FakeTimeProvider();
        var reader = Kept(Transport(new ShmContext(Instance, new ShmOptions { ReadMode = mode }) { Time = time }).OpenReader(Stress()));
        ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(10)).ShouldBeTrue();

        File.SetUnixFileMode(RegionPath, (UnixFileMode)Convert.ToInt32("666", 8));
        time.Advance(TimeSpan.FromSeconds(1));

        reader.Read(Decoder, out _).ShouldBe(ReadStatus.Fresh);
        reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Rejected);
        info.Rejection.Reason.ShouldBe(RejectReason.UnsafeOwner);
    }

    [Fact]
    public async Task A_log_that_throws_when_a_region_was_refused_leads_nobody_back_into_it()
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        await Abandon(publisher);
        var time = new FakeTimeProvider();
        var context = new ShmContext(Instance, new ShmOptions { ReadMode = "map" }) { Time = time };
        var reader = (ILeasingReader)Kept(Transport(context).OpenReader(Stress()));
        reader.TryLease(out _).ShouldBe(ReadStatus.Fresh);

        File.SetUnixFileMode(RegionPath, (UnixFileMode)Convert.ToInt32("666", 8));
        context.Log.IsBroken = true;
        time.Advance(TimeSpan.FromSeconds(1));

        Should.Throw<IOException>(() => reader.TryLease(out _));
        reader.TryLease(out _).ShouldBe(ReadStatus.Rejected);
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
}
