using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.JsonFile.Tests;

/// <summary>Killed writers, leftovers, reboots.</summary>
public sealed class Writers_that_end : JsonFileTest
{
    [Theory]
    [InlineData("json.opened")]
    [InlineData("json.before_rename")]
    [Trait("Category", "Process")]
    public async Task A_writer_killed_at_any_point_leaves_the_old_document_and_its_successor_cleans_up(string point)
    {
        await using var reader = Transport.OpenReader(Stress);
        for (var life = 1; life <= 3; life++)
        {
            using var writer = Peer.Start(Instance, "jsonfile", $"die-at {point} --hit {1 + life} --interval-us 2000");
            while (!writer.HasExited)
            {
                ReadWhole(reader);
                await reader.WaitAsync(CancellationToken.None);
            }

            writer.ExitCode.ShouldBe(128 + ChildProcess.SigKill, writer.Transcript());
            ReadWhole(reader);
            Temporaries().Length.ShouldBe(1, "what the killed one was writing; never two, for each start removes its predecessor's");
        }

        reader.Counters.TotalRejects.ShouldBe(0);
        await using (var next = Transport.OpenPublisher(Stress))
        {
            Temporaries().ShouldBeEmpty();
        }
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task Writers_killed_at_random_moments_never_leave_a_document_that_does_not_parse()
    {
        await using var reader = Transport.OpenReader(Stress);
        var random = new Random(1);
        for (var life = 0; life < 8; life++)
        {
            using var writer = Peer.Start(Instance, "jsonfile", "publish --interval-us 0");
            await writer.WaitForLine("published first");
            var until = DateTime.UtcNow.AddMilliseconds(random.Next(1, 120));
            while (DateTime.UtcNow < until)
            {
                ReadWhole(reader);
            }

            writer.Signal(ChildProcess.SigKill);
            await writer.WaitForExit();
        }

        ReadWhole(reader);
        reader.Counters.TotalRejects.ShouldBe(0);
        Temporaries().Length.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task A_killed_writer_is_gone_and_its_value_stays_readable_for_a_while()
    {
        await using var reader = Transport.OpenReader(Stress);
        using var writer = Peer.Start(Instance, "jsonfile", "publish --interval-us 20000");
        await reader.ReadUntil(ReadStatus.Fresh);
        writer.Signal(ChildProcess.SigKill);
        await writer.WaitForExit();
        await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.WriterGone, "the writer is gone");
        await using var late = Transport.OpenReader(Stress with { StaleAfter = TimeSpan.FromMinutes(10) });
        late.ReadText(out _).ShouldBe(ReadStatus.Fresh, "not too old to be served");
        late.ReadText(out _).ShouldBe(ReadStatus.WriterGone);
        await using var tooLate = Transport.OpenReader(Stress with { StaleAfter = TimeSpan.FromMilliseconds(1) });
        tooLate.Read(new TextDecoder(), out var info).ShouldBe(ReadStatus.WriterGone, "a leftover is not a value");
        info.Sequence.ShouldBe(0u);
        tooLate.Counters.Rejects(RejectReason.Leftover).ShouldBe(1);
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task A_living_writer_that_pauses_is_idle()
    {
        await using var reader = Transport.OpenReader(Stress);
        using var writer = Peer.Start(Instance, "jsonfile", "publish --count 1");
        await reader.ReadUntil(ReadStatus.Fresh);
        await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.Idle, "the writer is idle");
        await writer.Finish();
        await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.WriterStopped, "the writer stopped");
    }

    [Fact]
    public async Task A_document_from_before_the_last_boot_says_stopped()
    {
        await using (var publisher = Transport.OpenPublisher(Stats))
        {
            publisher.Publish("{\"status\":\"running\"}"u8);
            var text = await File.ReadAllTextAsync(StatsPath);
            await publisher.DisposeAsync();
            var boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id")).Trim();
            text.ShouldContain(boot);
            Replace(text.Replace(boot, "00000000-0000-0000-0000-000000000000", StringComparison.Ordinal));
        }

        await using var reader = Transport.OpenReader(Stats);
        for (var i = 0; i < 3; i++)
        {
            reader.ReadText(out var never).ShouldBe(ReadStatus.WriterStopped);
            never.ShouldBe("", "a leftover is not a value");
        }

        reader.Counters.Rejects(RejectReason.Leftover).ShouldBe(1);
        Transport.ListChannels().ShouldHaveSingleItem().State.ShouldBe("closed");
        await using var next = Transport.OpenPublisher(Stats);
        next.Publish("{\"status\":\"starting\"}"u8).ShouldBe(PublishResult.Published);
        (await reader.ReadUntil(ReadStatus.Fresh)).Text.ShouldContain("starting");
    }

    [Fact]
    public async Task A_process_that_has_the_dead_writers_number_is_not_taken_for_it()
    {
        // This process lives, but it did not start when the document says.
        var boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id")).Trim();
        var time = MonotonicClock.NowNs() - 3_000_000_000;
        Replace($"{{\"epoch\":5,\"sequence\":9,\"mono_ns\":{time},\"boot_id\":\"{boot}\",\"pid\":{Environment.ProcessId},\"start_ticks\":1}}");
        await using var reader = Transport.OpenReader(Stress with { Name = Stats.Name });
        reader.Read(new TextDecoder(), out var info).ShouldBe(ReadStatus.Fresh);
        info.Sequence.ShouldBe(9u);
        reader.ReadText(out _).ShouldBe(ReadStatus.WriterGone);
        Transport.ListChannels().ShouldHaveSingleItem().State.ShouldBe("gone");
    }

    [Fact]
    public async Task A_writer_of_another_pid_namespace_is_not_judged_by_its_number()
    {
        // As a container sees it: the number is nobody's here, or another's.
        var time = MonotonicClock.NowNs() - 3_000_000_000;
        Replace(await DocumentOf(pid: Environment.ProcessId, ticks: 1, time, pidNamespace: 77));
        await using var reader = Transport.OpenReader(Stress with { Name = Stats.Name });
        reader.ReadText(out _).ShouldBe(ReadStatus.Fresh);
        reader.ReadText(out _).ShouldBe(ReadStatus.Idle, "old, and nothing says that its writer is gone");
        Transport.ListChannels().ShouldHaveSingleItem().State.ShouldBe("live");
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task A_writer_in_a_container_is_alive_to_a_reader_outside()
    {
        Root.Require();
        using var writer = Peer.Start(Instance, "jsonfile", "publish --count 1", "unshare --pid --fork --mount-proc");
        await using var reader = Transport.OpenReader(Stress);
        try
        {
            await writer.WaitForLine("published first");
        }
        catch (InvalidOperationException) when (writer.Transcript().Contains("unshare", StringComparison.Ordinal))
        {
            Assert.Skip($"no pid namespaces here: {writer.Transcript()}");
        }

        await reader.ReadUntil(ReadStatus.Fresh);
        await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.Idle, "old, and its writer lives");
        await writer.Finish();
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task A_zombie_is_gone()
    {
        using var parent = ChildProcess.Start("sh", ["-c", "sh -c 'echo $$ >&2' & exec sleep 600"]);
        await Eventually.Become(() => parent.Errors.Count > 0, "the child tells its number");
        var pid = int.Parse(parent.Errors.First());
        await Eventually.Become(() => File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal), "it has ended and nobody asked for its end");
        var fields = (await File.ReadAllTextAsync($"/proc/{pid}/stat")).Split(") ")[1].Split(' ');
        Replace(await DocumentOf(pid, ulong.Parse(fields[19]), MonotonicClock.NowNs() - 3_000_000_000));
        await using var reader = Transport.OpenReader(Stress with { Name = Stats.Name });
        reader.ReadText(out _).ShouldBe(ReadStatus.Fresh);
        reader.ReadText(out _).ShouldBe(ReadStatus.WriterGone);
    }

    [Fact]
    public async Task Documents_of_dead_writers_are_removed_when_they_are_old()
    {
        var boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id")).Trim();
        Leave("proc-1", boot, MonotonicClock.NowNs() - 61_000_000_000, 1);
        Leave("proc-2", boot, MonotonicClock.NowNs() - 30_000_000_000, 1);
        Leave("proc-3", boot, MonotonicClock.NowNs() - 61_000_000_000, Ticks());
        await File.WriteAllTextAsync(Instance.FilePath($"{Instance.Name}_foreign.json"), "{\"pid\":1}");
        await using var publisher = Transport.OpenPublisher(Stats);
        Directory.EnumerateFiles(Instance.Directory, "*.json").Select(f => Path.GetFileName(f)[(Instance.Name.Length + 1)..]).Order()
            .ShouldBe(["foreign.json", "proc-2.json", "proc-3.json"]);

        void Leave(string channel, string bootId, long monoNs, ulong ticks) => File.WriteAllText(
            Instance.FilePath($"{Instance.Name}_{channel}.json"),
            $"{{\"epoch\":5,\"sequence\":9,\"mono_ns\":{monoNs},\"boot_id\":\"{bootId}\",\"pid\":{Environment.ProcessId},\"start_ticks\":{ticks}}}");

        static ulong Ticks()
        {
            var stat = File.ReadAllText("/proc/self/stat");
            return ulong.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19]);
        }
    }

    [Fact]
    public async Task Time_that_passes_without_a_word_makes_a_value_stale_by_the_monotonic_clock()
    {
        // The clock of this boot, moved by the test.
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var reader = Other(new JsonFileOptions(), time).OpenReader(Stats);
        Replace("{\"fps\":1}");
        (await reader.ReadUntil(ReadStatus.Fresh)).Info.Sequence.ShouldBe(1u);
        time.Advance(TimeSpan.FromSeconds(2));
        reader.ReadText(out _).ShouldBe(ReadStatus.Unchanged);
        time.Advance(TimeSpan.FromSeconds(2));
        reader.ReadText(out _).ShouldBe(ReadStatus.Stale);
    }

    private static async Task<string> DocumentOf(int pid, ulong ticks, long monoNs, ulong pidNamespace = 0)
    {
        var boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id")).Trim();
        var own = pidNamespace == 0 ? "" : $",\"pid_ns\":{pidNamespace}";
        return $"{{\"epoch\":5,\"sequence\":9,\"mono_ns\":{monoNs},\"boot_id\":\"{boot}\",\"pid\":{pid},\"start_ticks\":{ticks}{own}}}";
    }

    private static void ReadWhole(IReader reader)
    {
        var decoder = new TextDecoder();
        if (reader.Read(decoder, out _) == ReadStatus.Fresh)
        {
            using var document = JsonDocument.Parse(decoder.Text);
            var letter = (char)('a' + (document.RootElement.GetProperty("n").GetUInt64() % 26));
            document.RootElement.GetProperty("fill").GetString()!.ShouldAllBe(c => c == letter);
        }
    }
}
