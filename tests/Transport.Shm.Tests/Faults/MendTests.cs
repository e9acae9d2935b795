using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>What a live writer puts right by itself: its file removed, replaced, written over, while it runs (FAULTS 30, 31, 35).</summary>
[Trait("Category", "Process")]
public sealed class MendTests : ShmTest
{
    [Fact]
    public async Task A_region_removed_during_a_loan_has_the_loans_frame_when_it_is_back()
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        Lend();

        await Eventually.Become(() => File.Exists(RegionPath), "the region is there again");
        (await ReadUntil(Reader(), ReadStatus.Fresh)).Sequence.ShouldBe(2ul);

        void Lend()
        {
            ((ILoaningPublisher)publisher).TryLoan(PayloadBytes, out var loan).ShouldBe(PublishResult.Published);
            File.Delete(RegionPath);
            loan.Commit(PeerProcess.StressPayload.Fill(2, loan.Payload, PayloadBytes)).ShouldBe(PublishResult.Published);
        }
    }

    /// <summary>Between one loan's end and the next one's begin no heartbeat has room.</summary>
    [Fact]
    public async Task A_region_removed_from_a_writer_that_always_has_a_loan_comes_back_with_that_loans_frame()
    {
        var publisher = (ShmPublisher)Publisher();
        Publish(publisher, 1);
        var before = Inode();

        File.Delete(RegionPath);
        var number = 1ul;
        await Eventually.Become(
            () =>
            {
                LendThrough(publisher, ++number).ShouldBeTrue();
                return File.Exists(RegionPath) && Inode() != before;
            },
            "the end of a loan mended it");

        (await ReadUntil(Reader(), ReadStatus.Fresh)).Sequence.ShouldBe(number);
    }

    [Fact]
    public async Task A_writer_that_always_has_a_loan_gives_way_to_the_one_that_has_its_channel()
    {
        var publisher = (ShmPublisher)Publisher();
        Publish(publisher, 1);

        File.Delete(RegionPath);
        File.Delete($"/dev/shm/.{Instance.Name}_stress.lock");
        Publish(Publisher(), 1);

        var number = 1ul;
        await Eventually.Become(() => !LendThrough(publisher, ++number), "no loan is given any more");
    }

    [Theory]
    [InlineData("safe", RegionLayout.MagicAt, 0u)]
    [InlineData("map", RegionLayout.MagicAt, 0u)]
    [InlineData("safe", RegionLayout.SlotStrideAt, 1u)]
    [InlineData("safe", RegionLayout.MessageIdAt, 0x41414141u)]
    [InlineData("safe", RegionLayout.StateAt, (uint)RegionState.Closed)]
    [InlineData("map", RegionLayout.StateAt, (uint)RegionState.Closed)]
    public async Task A_header_that_was_written_over_is_right_again_without_a_new_frame(string mode, int at, uint value)
    {
        var publisher = Publisher();
        var reader = Reader(mode);
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        var right = RegionBytes.U32(RegionPath, at);

        RegionBytes.Write(RegionPath, at, value);

        await Eventually.Become(() => RegionBytes.U32(RegionPath, at) == right, "the header is right again");
        await ReadUntil(reader, ReadStatus.Idle);
        (await ReadUntil(Reader(mode), ReadStatus.Fresh)).Sequence.ShouldBe(1ul);
        reader.Counters.Resets.ShouldBe(0);
    }

    [Fact]
    public async Task A_region_that_others_may_write_is_replaced_by_one_they_may_not()
    {
        var publisher = Publisher();
        var reader = Reader();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);

        File.SetUnixFileMode(RegionPath, (UnixFileMode)Convert.ToInt32("666", 8));

        await Eventually.Become(() => (int)File.GetUnixFileMode(RegionPath) == Convert.ToInt32("640", 8), "a region with the right mode");
        (await ReadUntil(Reader(), ReadStatus.Fresh)).Sequence.ShouldBe(1ul);
        await ReadUntil(reader, ReadStatus.Idle);
    }

    [Fact]
    public async Task A_removed_region_comes_back_with_the_right_frame_although_its_index_was_damaged()
    {
        var publisher = Publisher();
        for (var n = 1ul; n <= 6; n++)
        {
            Publish(publisher, n);
        }

        RegionBytes.Write(RegionPath, RegionLayout.LatestAt, 4ul);
        File.Delete(RegionPath);

        await Eventually.Become(() => File.Exists(RegionPath), "the region is there again");
        (await ReadUntil(Reader(), ReadStatus.Fresh)).Sequence.ShouldBe(6ul);
    }

    /// <summary>Nobody else has the channel: those who have the region go on, and so does everybody when the directory is back.</summary>
    [Fact]
    public void A_directory_that_is_out_of_reach_for_a_while_shuts_nobody_out()
    {
        var directory = $"/dev/shm/{Instance.Name}-moved";
        Directory.CreateDirectory(directory);
        try
        {
            var publisher = (ShmPublisher)Publisher(options: new ShmOptions { Directory = directory });
            Publish(publisher, 1);
            Directory.Move(directory, directory + "-away");
            publisher.Beat();
            Publish(publisher, 2);

            Directory.Move(directory + "-away", directory);
            publisher.Beat();
            Publish(publisher, 3);
        }
        finally
        {
            foreach (var left in new[] { directory, directory + "-away" }.Where(Directory.Exists))
            {
                Directory.Delete(left, recursive: true);
            }
        }
    }

    [Fact]
    public async Task A_copy_of_the_region_in_its_place_is_pushed_aside()
    {
        var publisher = Publisher();
        var reader = Reader();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        File.Copy(RegionPath, RegionPath + "-copy");
        File.Move(RegionPath + "-copy", RegionPath, overwrite: true);
        var copy = Inode();

        await Eventually.Become(() => Inode() != copy, "the writer's own region again");

        for (var n = 2ul; n <= 5; n++)
        {
            Publish(publisher, n);
            (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(n);
        }
    }

    /// <summary>A directory in the region's place is what makes every attempt to mend fail, as a full file system does.</summary>
    [Fact]
    public async Task While_a_region_can_not_be_mended_frames_are_lost_and_then_it_is_mended()
    {
        var context = new ShmContext(Instance);
        var publisher = Kept(Transport(context).OpenPublisher(Stress()));
        var reader = Reader();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        var payload = new byte[PayloadBytes];

        RegionBytes.Truncate(RegionPath, 0);
        File.Delete(RegionPath);
        Directory.CreateDirectory(RegionPath);
        for (var n = 0; n < 1000; n++)
        {
            publisher.Publish(payload).ShouldBe(PublishResult.Failed);
        }

        context.Log.At(LogLevel.Error).ShouldHaveSingleItem("said once, not a thousand times").ShouldContain(RegionPath);
        Directory.EnumerateFiles("/dev/shm", $".{Instance.Name}_*.tmp", new EnumerationOptions { AttributesToSkip = 0 }).ShouldBeEmpty();
        Directory.Delete(RegionPath);
        await Eventually.Become(() => File.Exists(RegionPath), "the region is there again");

        // A guarded writer finds the cut under a frame, whose number somebody may have seen.
        var next = ((ShmPublisher)publisher).NextSequence;
        next.ShouldBeInRange(2ul, 3ul);
        Publish(publisher, next);
        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(next);
    }

    [Fact]
    public async Task A_writer_that_starts_over_a_symbolic_link_replaces_the_link_and_not_its_target()
    {
        var target = Instance.FilePath("target");
        File.WriteAllText(target, "theirs");
        File.CreateSymbolicLink(RegionPath, target);

        Publish(Publisher(), 1);

        new FileInfo(RegionPath).LinkTarget.ShouldBeNull();
        File.ReadAllText(target).ShouldBe("theirs");
        (await ReadUntil(Reader(), ReadStatus.Fresh)).Sequence.ShouldBe(1ul);
    }

    private const string AKill = "$peer die-at slot.odd --hit 3 $ends <&9; ";

    /// <summary>Room for one region and a half: the second writer has it only in the place of the first, which was killed.</summary>
    [Fact]
    public async Task A_killed_writer_is_replaced_where_there_is_no_room_for_two_regions()
    {
        var (code, said) = await OnASmallFileSystem(100_000, AKill + "ls -l $small; $peer publish $ends");

        code.ShouldBe(0, said);
        said.ShouldContain($"{Instance.Name}_stress", customMessage: "the dead writer's region was there");
        said.Split("publishing epoch=").Length.ShouldBe(3, "both had a region");
    }

    /// <summary>The memory of the dead writer's frames would not be enough: they stay for its readers.</summary>
    [Fact]
    public async Task A_killed_writers_frames_stay_where_their_memory_would_not_make_room()
    {
        var (_, said) = await OnASmallFileSystem(
            5000, AKill + "cat /dev/zero > $small/rest; before=$(cksum $region); $peer publish $ends; [ \"$before\" = \"$(cksum $region)\" ] && echo untouched");

        said.ShouldContain("ENOSPC allocating");
        said.ShouldContain("untouched");
    }

    /// <summary>It has its region's memory also when nobody finds the region any more.</summary>
    [Theory]
    [InlineData("rm $region")]
    [InlineData("chmod 666 $region")]
    public async Task A_living_writer_mends_its_region_where_there_is_no_room_for_two(string damage)
    {
        var (code, said) = await OnASmallFileSystem(
            100_000,
            $"mkfifo $small/said; $peer publish --interval-us 10000 $ends <&9 >$small/said & writer=$!; read line <$small/said; "
            + "$peer read --wait blocking --count 300 $ends <&9 >$small/seen & reader=$!; until grep -q first $small/seen; do sleep 0.05; done; "
            + $"before=$(stat -c %i $region); {damage}; "
            + "for i in $(seq 200); do now=$(stat -c %i:%a $region); [ \"$now\" != $before:640 ] && [ \"${now#*:}\" = 640 ] && break; sleep 0.05; done; "
            + "echo mode ${now#*:}; $peer read --count 3 $ends <&9 || bad=1; wait $reader || bad=2; cat $small/seen; kill $writer; exit ${bad:-0}");

        code.ShouldBe(0, said);
        said.ShouldContain("mode 640");
        said.ShouldContain("\"fresh\":300,\"bad\":0,\"backward\":0,\"mismatch\":0");
    }

    /// <summary>A loan with a heartbeat in its middle; false when none is given.</summary>
    private static bool LendThrough(ShmPublisher publisher, ulong number)
    {
        if (publisher.TryLoan(PayloadBytes, out var loan) != PublishResult.Published)
        {
            return false;
        }

        publisher.Beat();
        loan.Commit(PeerProcess.StressPayload.Fill(number, loan.Payload, PayloadBytes)).ShouldBe(PublishResult.Published);
        return true;
    }

    /// <summary>Runs the commands where a file system of 600 KB has the regions: their exit code, and what all said.</summary>
    private async Task<(int Code, string Said)> OnASmallFileSystem(int payloadBytes, string commands)
    {
        var small = Directory.CreateDirectory(Instance.FilePath("small")).FullName;
        var script = $"small={small}; region={small}/{Instance.Name}_stress; peer='dotnet exec {TestPaths.Assembly("tests/Omnisight.PeerProcess")}'; "
            + $"ends='--shm {small} --instance {Instance.Name} --bytes {payloadBytes}'; "
            + "mount -t tmpfs -o size=600k tmpfs $small || exit 99; mkfifo $small/open; exec 9<>$small/open; " + commands;
        using var process = ChildProcess.Start("unshare", ["-m", "sh", "-c", script]);
        process.Input.Close();
        var code = await process.WaitForExit();
        Assert.SkipWhen(code == 99 || process.Transcript().Contains("unshare", StringComparison.Ordinal), "needs the right to mount, for a file system that is full");
        return (code, process.Transcript());
    }
}
