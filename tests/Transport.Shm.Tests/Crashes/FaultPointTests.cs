using System.Text.RegularExpressions;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>SIGKILL at every named point of a writer, with a reader that was there before and one that comes after (FAULTS 1 to 7).</summary>
[Trait("Category", "Process")]
public sealed partial class FaultPointTests : ShmTest
{
    private const int Killed = 128 + ChildProcess.SigKill;

    public static TheoryData<string> BeforeSeen => new(FaultPoints.BeforeSeen);

    public static TheoryData<string> InsideALoan => new(FaultPoints.InsideALoan);

    public static TheoryData<string, string> WhileWriting => new(
        from point in FaultPoints.WhileWriting from mode in new[] { "safe", "map" } select (point, mode));

    [Fact]
    public void Every_named_point_in_the_source_has_a_test()
    {
        var named = Directory.EnumerateFiles(Path.Combine(TestPaths.Repository, "plugins/Transport.Shm"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.EndsWith("/Fault.cs", StringComparison.Ordinal))
            .SelectMany(f => Hit().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value))
            .Distinct();

        named.ShouldBe(FaultPoints.All, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(BeforeSeen))]
    public async Task A_writer_that_dies_before_its_region_stands_leaves_nothing_that_readers_see(string point)
    {
        var reader = Reader();
        (await Peer("die-at", point).WaitForExit()).ShouldBe(Killed);

        File.Exists(RegionPath).ShouldBeFalse();
        reader.Read(Decoder, out _).ShouldBe(ReadStatus.NotReady);

        var next = Publisher();
        Leftovers().ShouldBeEmpty("the next writer removes what the dead one left");
        Publish(next, 1);
        (await ReadUntil(reader, ReadStatus.Fresh)).Epoch.ShouldBe(next.Epoch);
    }

    [Theory]
    [MemberData(nameof(WhileWriting))]
    public async Task A_writer_that_dies_while_it_writes_a_frame_costs_that_frame_alone(string point, string mode)
    {
        const int fatal = 6;
        var reader = Reader(mode);
        var writer = Peer("die-at", point, "--hit", $"{fatal}", "--interval-us", "20000");
        (await writer.WaitForExit()).ShouldBe(Killed);

        // One that read along may have stopped at any frame before; one that comes now finds the last whole one.
        var late = Reader(mode);
        (await ReadUntil(late, ReadStatus.Fresh)).Sequence.ShouldBe(fatal - 1ul);

        // Before latest the frame is whole already: a safe reader that keeps up needs no latest to see that.
        var most = (point, mode) == ("before_latest", "safe") ? fatal : fatal - 1ul;
        await ReadUntil(reader, ReadStatus.WriterGone, info => info.Sequence >= fatal - 1ul && info.Sequence <= most);
        late.Counters.Torn.ShouldBe(0);

        await using var next = Transport().OpenPublisher(Stress());
        Publish(next, 1);
        var first = await ReadUntil(reader, ReadStatus.Fresh);
        (first.Epoch, first.Sequence).ShouldBe((next.Epoch, 1ul));
        reader.Counters.Resets.ShouldBe(1);
        for (var n = 2ul; n <= 20; n++)
        {
            Publish(next, n);
            (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(n, "no slot is stuck on what the dead writer left in it");
        }
    }

    /// <summary>Readers that sleep, on their own thread and on the shared one, and one that holds leases, are there all the time.</summary>
    [Theory]
    [MemberData(nameof(InsideALoan))]
    public async Task A_writer_that_dies_with_a_loan_costs_that_loan_and_no_reader_its_sleep(string point)
    {
        const int fatal = 6;
        using var stop = new CancellationTokenSource();
        var followers = new[]
        {
            new Follower(Reader("safe"), "blocking"), new Follower(Reader("map"), "async"), new Follower(Reader("map"), "lease"),
        };
        var following = followers.Select(f => Task.Run(() => f.Follow(stop.Token))).ToArray();
        (await Peer("die-at", point, "--hit", $"{fatal}", "--interval-us", "20000", "--loan", "yes").WaitForExit()).ShouldBe(Killed);
        (await ReadUntil(Reader(), ReadStatus.Fresh)).Sequence.ShouldBe(fatal - 1ul);
        foreach (var follower in followers)
        {
            await Eventually.Become(() => follower.Last.Sequence == fatal - 1, $"{follower.Wait}: the last frame before the loan");
        }

        await using var next = Transport().OpenPublisher(Stress());
        for (var n = 1ul; n <= 10; n++)
        {
            Publish(next, n);
            foreach (var follower in followers)
            {
                await Eventually.Become(() => follower.Last == (next.Epoch, n), $"{follower.Wait}: frame {n} of the successor");
            }
        }

        await stop.CancelAsync();
        Publish(next, 11);
        await Task.WhenAll(following);
        followers.Sum(f => f.Flaws).ShouldBe(0);
    }

    /// <summary>A reader that dies on its way to sleep takes nobody's wake with it.</summary>
    [Theory]
    [InlineData("blocking")]
    [InlineData("async")]
    public async Task A_reader_that_dies_before_it_sleeps_leaves_the_others_awake(string wait)
    {
        var publisher = Publisher();
        var reader = Reader("map");
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);

        (await Peer("read", "--wait", wait, "--fault", FaultPoints.BeforeSleep).WaitForExit()).ShouldBe(Killed);

        for (var n = 2ul; n <= 5; n++)
        {
            var waiting = reader.WaitAsync(TestContext.Current.CancellationToken).AsTask();
            Publish(publisher, n);
            (await waiting).ShouldBeTrue();
            (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(n);
        }
    }

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task A_frame_whose_wake_was_lost_is_found_by_those_who_wait(string mode)
    {
        var reader = Reader(mode);
        var writer = Peer("die-at", FaultPoints.BeforeWake, "--hit", "1");
        (await writer.WaitForExit()).ShouldBe(Killed);

        ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(20)).ShouldBeTrue();
        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(1ul);

        var asynchronous = Reader(mode);
        (await asynchronous.WaitAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
        (await ReadUntil(asynchronous, ReadStatus.Fresh)).Sequence.ShouldBe(1ul);
    }

    [Fact]
    public async Task A_wait_that_slept_through_a_lost_wake_looks_by_itself()
    {
        var writer = Peer("stall-at", FaultPoints.BeforeWake, "--hit", "3", "--interval-us", "1000");
        var reader = Reader();
        await ReadUntil(reader, ReadStatus.Fresh);

        // The writer stands still between the store of frame 3 and its wake.
        var met = new List<string>();
        while (true)
        {
            ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(1));
            var status = reader.Read(Decoder, out var info);
            if (info.Sequence == 3)
            {
                break;
            }

            met.Add($"{status} {info.Sequence} (the region says {RegionBytes.U64(RegionPath, RegionLayout.LatestAt)})");
            met.Count.ShouldBeLessThan(15, string.Join(", ", met));
        }

        writer.HasExited.ShouldBeFalse();
    }

    /// <summary>The reader has every frame before the last and is asleep, or about to be, when the last one comes without a wake.</summary>
    [Theory]
    [InlineData("safe", "blocking")]
    [InlineData("map", "blocking")]
    [InlineData("safe", "async")]
    [InlineData("map", "async")]
    public async Task A_reader_that_waits_while_the_writer_dies_before_its_wake_gets_the_frame(string mode, string wait)
    {
        const ulong fatal = 15;
        var reader = Reader(mode);
        var writer = Peer("die-at", FaultPoints.BeforeWake, "--hit", $"{fatal}", "--interval-us", "50000");
        SampleInfo info = default;
        for (var waits = 0; info.Sequence < fatal; waits++)
        {
            waits.ShouldBeLessThan(2000, $"frame {info.Sequence} of {fatal}");
            var woken = wait == "blocking"
                ? await Task.Run(() => ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(20)))
                : await reader.WaitAsync(TestContext.Current.CancellationToken);
            woken.ShouldBeTrue();
            if (reader.Read(Decoder, out info) == ReadStatus.Fresh)
            {
                Decoder.IsWhole.ShouldBeTrue();
            }
        }

        (await writer.WaitForExit()).ShouldBe(Killed);
        reader.Counters.Rejects(RejectReason.Latest).ShouldBe(0);
    }

    [Fact]
    public async Task A_writer_that_dies_before_its_first_frame_is_gone_and_replaced()
    {
        var reader = Reader();
        (await Peer("die-at", FaultPoints.Renamed).WaitForExit()).ShouldBe(Killed);

        File.Exists(RegionPath).ShouldBeTrue();
        await ReadUntil(reader, ReadStatus.WriterGone);
        Publish(Publisher(), 1);
        await ReadUntil(reader, ReadStatus.Fresh);
    }

    [Fact]
    public async Task A_writer_that_dies_while_it_mends_leaves_the_newest_frame_in_place()
    {
        var writer = Peer("die-at", FaultPoints.Mended, "--count", "5");
        var reader = Reader();
        await writer.WaitForLine("published 5");
        await ReadUntil(reader, ReadStatus.Fresh, info => info.Sequence == 5);

        File.Delete(RegionPath);
        (await writer.WaitForExit()).ShouldBe(Killed);

        var late = Reader();
        (await ReadUntil(late, ReadStatus.Fresh)).Sequence.ShouldBe(5ul);
        await ReadUntil(reader, ReadStatus.WriterGone, info => info.Sequence == 5);
    }

    [Fact]
    public async Task A_writer_that_dies_while_it_closes_was_still_stopped_cleanly_for_its_readers()
    {
        var writer = Peer("die-at", FaultPoints.Closing, "--count", "5");
        var reader = Reader();
        await writer.WaitForLine("published 5");
        await ReadUntil(reader, ReadStatus.Fresh, info => info.Sequence == 5);

        writer.Input.Close();
        (await writer.WaitForExit()).ShouldBe(Killed);

        await ReadUntil(reader, ReadStatus.WriterStopped);
        Publish(Publisher(), 1);
        await ReadUntil(reader, ReadStatus.Fresh);
    }

    private IEnumerable<string> Leftovers() =>
        Directory.EnumerateFiles("/dev/shm", $".{Instance.Name}_*.tmp", new EnumerationOptions { AttributesToSkip = 0 });

    [GeneratedRegex("Fault\\.Hit\\(\"([^\"]+)\"\\)")]
    private static partial Regex Hit();
}
