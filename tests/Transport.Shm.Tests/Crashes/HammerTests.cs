namespace Omnisight.Transport.Shm.Tests;

/// <summary>A writer without any pace against readers in three languages; and proof that they would notice a torn frame.</summary>
[Trait("Category", "Process")]
public sealed class HammerTests : ShmTest
{
    private const string Milliseconds = "2500";
    private const long StuckMs = 2000;

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Readers_of_three_languages_meet_no_torn_no_backward_and_no_stuck_frame(int slots)
    {
        var c = await CReader.Compile(Instance);
        var writer = Peer("publish", "--interval-us", "0", "--slots", $"{slots}");
        await writer.WaitForLine("published first");
        var readers = new (string Who, ChildProcess Peer)[]
        {
            ("C# map", Peer("read", "--mode", "map", "--ms", Milliseconds)),
            ("C# safe", Peer("read", "--mode", "safe", "--ms", Milliseconds)),
            ("C", Owned(ChildProcess.Start(c, [RegionPath, Milliseconds, "map"]))),
            ("Python", Owned(ChildProcess.Start("python3", [Path.ChangeExtension(CReader.Source, ".py"), RegionPath, Milliseconds]))),
        };

        foreach (var (who, peer) in readers)
        {
            var report = await ReadReport.Of(peer);
            report.ShouldBeFlawless(who);
            if (who != "Python")
            {
                // An interpreter may lose every race against an unpaced writer for a while; that is its speed and not the ring's.
                report.StuckMs.ShouldBeLessThan(StuckMs, $"{who}: the longest time without a frame");
            }
        }

        writer.HasExited.ShouldBeFalse();
    }

    /// <summary>The detectors in C and Python over readers that are broken on purpose.</summary>
    [Theory]
    [InlineData("C")]
    [InlineData("Python")]
    public async Task A_reader_of_another_language_that_skips_the_second_look_is_caught(string language)
    {
        var writer = Peer("publish", "--interval-us", "0", "--slots", "2", "--bytes", "65536");
        await writer.WaitForLine("published first");
        var (program, first) = language == "C" ? (await CReader.Compile(Instance), Array.Empty<string>()) : ("python3", [Path.ChangeExtension(CReader.Source, ".py")]);

        for (var round = 0; round < 20; round++)
        {
            var report = await ReadReport.Of(Owned(ChildProcess.Start(program, [.. first, RegionPath, Milliseconds, "careless"])));
            if (report.Bad > 0)
            {
                return;
            }
        }

        Assert.Fail($"the careless reader in {language} met no torn frame");
    }

    [Fact]
    public async Task A_reader_that_stops_for_good_is_seen_to_be_stuck()
    {
        var writer = Peer("publish", "--interval-us", "0");
        await writer.WaitForLine("published first");

        var report = await ReadReport.Of(Owned(ChildProcess.Start(await CReader.Compile(Instance), [RegionPath, "5000", "stuck"])));

        report.Fresh.ShouldBe(1000);
        report.StuckMs.ShouldBeGreaterThan(StuckMs);
    }

    [Fact]
    public async Task Leases_of_an_unpaced_writer_are_whole_whenever_they_validate()
    {
        var writer = Peer("publish", "--interval-us", "0", "--loan", "yes");
        await writer.WaitForLine("published first");

        (await ReadReport.Of(Peer("read", "--mode", "lease", "--ms", "1000"))).ShouldBeFlawless("C# lease");
    }

    /// <summary>The same payload and the same check over a ring whose readers do not look at seq a second time: it must be caught, or the hammer shows nothing.</summary>
    [Fact]
    public async Task A_reader_that_skips_the_second_look_is_caught()
    {
        var writer = Peer("publish", "--interval-us", "0", "--slots", "2");
        await writer.WaitForLine("published first");
        var careless = new CarelessReader(RegionPath);

        await Eventually.Become(() => careless.ReadMany() > 0, "a torn frame that the careless reader took for whole");
    }

    /// <summary>A writer that does not mark its slot odd while it writes must be caught by the careful readers' content check.</summary>
    [Fact]
    public async Task A_writer_that_does_not_mark_its_slot_is_caught()
    {
        Publish(Publisher(options: new ShmOptions { Slots = 2 }), 1);
        using var stop = new CancellationTokenSource();
        var broken = Task.Run(() => CarelessWriter.Write(RegionPath, PayloadBytes, stop.Token));
        var reader = Reader("map");

        await Eventually.Become(
            () =>
            {
                for (var i = 0; i < 10_000; i++)
                {
                    if (reader.Read(Decoder, out _) == ReadStatus.Fresh && !Decoder.IsWhole)
                    {
                        return true;
                    }
                }

                return false;
            },
            "a torn frame from the careless writer");
        await stop.CancelAsync();
        await broken;
    }
}
