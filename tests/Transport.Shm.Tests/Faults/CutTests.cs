using System.Diagnostics;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>A file that somebody cuts or makes longer under its writer and under readers in map mode (FAULTS 28).</summary>
[Trait("Category", "Process")]
public sealed class CutTests : ShmTest
{
    /// <summary>Without any pace, most of a writer's time lies between its look at the file and its last store.</summary>
    [Theory]
    [InlineData("safe", 0, false, "0", "yes")]
    [InlineData("map", 0, false, "0", "yes")]
    [InlineData("safe", 5000, false, "0", "yes")]
    [InlineData("map", 5000, false, "2000", "yes")]
    [InlineData("map", 0, true, "0", "yes")]
    [InlineData("safe", 0, false, "100000", "no")]
    [InlineData("safe", 5000, false, "100000", "no")]
    [InlineData("safe", 0, true, "100000", "no")]
    public async Task A_running_writer_and_its_reader_outlive_every_cut_of_the_file(string mode, long length, bool extend, string pause, string guard)
    {
        var writer = Peer("publish", "--interval-us", pause, "--guard", guard);
        var reader = Reader(mode);
        var epoch = (await ReadUntil(reader, ReadStatus.Fresh)).Epoch;
        for (var cut = 0; cut < 10; cut++)
        {
            if (guard == "no")
            {
                await NextFrame();
            }

            var inode = Inode();
            var whole = new FileInfo(RegionPath).Length;
            RegionBytes.Truncate(RegionPath, length);
            if (extend)
            {
                RegionBytes.Truncate(RegionPath, whole);
            }

            await Eventually.Become(
                () =>
                {
                    _ = reader.Read(Decoder, out _);
                    return Inode() != inode;
                },
                "a new region stands in the place of the one that was cut");
            (await ReadUntil(reader, ReadStatus.Fresh)).Epoch.ShouldBe(epoch);
            (await ReadUntil(Reader(mode), ReadStatus.Fresh)).Epoch.ShouldBe(epoch);
        }

        writer.HasExited.ShouldBeFalse();
        reader.Counters.Resets.ShouldBe(0);
    }

    /// <summary>Without the guard it dies at one of the first ten.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task An_unpaced_writer_outlives_hundreds_of_cuts(long length)
    {
        var writer = Peer("publish", "--interval-us", "0");
        await writer.WaitForLine("published first");
        for (var cut = 0; cut < 300; cut++)
        {
            var inode = Inode();
            RegionBytes.Truncate(RegionPath, length);
            var since = Stopwatch.GetTimestamp();
            while (Inode() == inode)
            {
                Stopwatch.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(30), writer.Transcript());
            }
        }

        await ReadUntil(Reader(), ReadStatus.Fresh);
        writer.HasExited.ShouldBeFalse();
    }

    /// <summary>The frame that finds the file cut is published into the one that is made in its place.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task A_cut_costs_no_frame_that_is_published_after_it(long length)
    {
        var publisher = Publisher();
        for (var n = 1ul; n <= 10; n++)
        {
            RegionBytes.Truncate(RegionPath, length);
            Publish(publisher, n);
            (await ReadUntil(Reader(n % 2 == 0 ? "safe" : "map"), ReadStatus.Fresh)).Sequence.ShouldBe(n);
        }

        publisher.Counters.Lost.ShouldBe(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task A_lease_of_a_file_that_is_cut_reads_zeros_and_is_not_valid(long length)
    {
        var publisher = Publisher();
        var reader = Reader("map");
        for (var n = 1ul; n <= 4; n++)
        {
            Publish(publisher, n);
        }

        Lease();

        Publish(publisher, 5);
        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(5ul);
        reader.Counters.Rejects(RejectReason.Truncated).ShouldBeGreaterThan(0);

        void Lease()
        {
            ((ILeasingReader)reader).TryLease(out var lease).ShouldBe(ReadStatus.Fresh);
            RegionBytes.Truncate(RegionPath, length);
            lease.Payload.IndexOfAnyExcept((byte)0).ShouldBe(-1);
            lease.Validate().ShouldBeFalse();
            reader.Read(Decoder, out _).ShouldBe(ReadStatus.Rejected);
        }
    }

    /// <summary>A library that takes the signal takes the guard, and not what a writer had without it: the next heartbeat finds that out.</summary>
    [Fact]
    public async Task A_writer_whose_guard_was_taken_looks_before_it_stores()
    {
        var writer = Peer("publish", "--interval-us", "100000", "--guard", "lost");
        await writer.WaitForLine("published first");
        for (var beats = 0; beats < 2; beats++)
        {
            await NextBeat();
        }

        for (var cut = 0; cut < 10; cut++)
        {
            await NextFrame();
            var inode = Inode();
            RegionBytes.Truncate(RegionPath, 0);
            await Eventually.Become(() => writer.HasExited || Inode() != inode, "a new region");
            writer.HasExited.ShouldBeFalse(writer.Transcript());
        }
    }

    /// <summary>What this plugin watches is its own; all else is the runtime's, as if the plugin were not there.</summary>
    [Fact]
    public async Task Memory_of_others_that_is_gone_kills_as_ever()
    {
        var peer = Peer("overrun", "--file", $"/dev/shm/{Instance.Name}_overrun");
        (await peer.WaitForExit()).ShouldBe(128 + 6, peer.Transcript());
        peer.Transcript().ShouldContain(nameof(PublishResult.Published));
    }

    [Fact]
    public async Task A_file_cut_during_a_loan_costs_that_loan()
    {
        var publisher = Publisher();
        var reader = Reader();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        LoseALoan(publisher, () => RegionBytes.Truncate(RegionPath, 0));

        Publish(publisher, 2);
        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(2ul);
    }

    [Theory]
    [InlineData(-64)]
    [InlineData(1)]
    public async Task A_size_that_only_the_heartbeat_finds_wrong_is_mended_by_the_next_frame_when_the_beat_meets_a_loan(long change)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        var (inode, whole) = (Inode(), new FileInfo(RegionPath).Length);
        LoseALoan(publisher, () =>
        {
            RegionBytes.Truncate(RegionPath, whole + change);
            ((ShmPublisher)publisher).Beat();
        });
        publisher.Counters.Lost.ShouldBe(1, "readers refuse that file");

        Publish(publisher, 2);
        Inode().ShouldNotBe(inode);
        new FileInfo(RegionPath).Length.ShouldBe(whole);
        (await ReadUntil(Reader(), ReadStatus.Fresh)).Sequence.ShouldBe(2ul);
    }

    [Theory]
    [InlineData(-64)]
    [InlineData(1)]
    public async Task A_file_that_lost_no_page_keeps_its_newest_frame(long change)
    {
        var publisher = Publisher();
        var reader = Reader();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        Publish(publisher, 2);
        var inode = Inode();

        RegionBytes.Truncate(RegionPath, new FileInfo(RegionPath).Length + change);

        await Eventually.Become(() => Inode() != inode, "a new region");
        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(2ul);
        (await ReadUntil(Reader(), ReadStatus.Fresh)).Sequence.ShouldBe(2ul);
        reader.Counters.Resets.ShouldBe(0);
    }

    [Fact]
    public async Task A_channel_of_events_has_its_last_event_again_after_the_file_was_cut()
    {
        var channel = Stress(periodMs: 0);
        var publisher = Publisher(channel);
        Publish(publisher, 1);
        Publish(publisher, 2);
        var inode = Inode();

        RegionBytes.Truncate(RegionPath, 0);

        await Eventually.Become(() => Inode() != inode, "a new region");
        (await ReadUntil(Reader(channel: channel), ReadStatus.Fresh)).Sequence.ShouldBe(2ul);
    }

    /// <summary>A writer without a guard outlives a cut between two frames, not one between its look and its last store.</summary>
    private async Task NextFrame()
    {
        var latest = RegionBytes.U64(RegionPath, RegionLayout.LatestAt);
        await Eventually.Become(() => RegionBytes.U64(RegionPath, RegionLayout.LatestAt) != latest, "a frame");
    }

    private static void LoseALoan(IPublisher publisher, Action meanwhile)
    {
        ((ILoaningPublisher)publisher).TryLoan(100, out var loan).ShouldBe(PublishResult.Published);
        meanwhile();
        loan.Payload.Fill(1);
        loan.Commit(100).ShouldBe(PublishResult.Failed);
    }
}
