using System.Runtime.InteropServices;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>What the system around an end takes from it: descriptors, a look at other processes, memory (FAULTS 14, 37).</summary>
[Trait("Category", "Process")]
public sealed partial class SurroundingsTests : ShmTest
{
    private const int Killed = 128 + ChildProcess.SigKill;
    private const int Nobody = 65534;

    /// <summary>A reader that can't open the next region keeps what it has, and goes over as soon as it can.</summary>
    [Theory]
    [InlineData("map", "async", false)]
    [InlineData("safe", "blocking", true)]
    public async Task A_reader_without_a_free_descriptor_attaches_when_it_has_one_again(string mode, string wait, bool cut)
    {
        var first = Publisher();
        Publish(first, 1);
        var reader = Peer("read", "--mode", mode, "--wait", wait);
        await reader.WaitForLine("read first");
        ulong number = 1;
        if (cut)
        {
            // Once before: the runtime itself may need a descriptor for code that runs for the first time.
            await Cut(first, reader, 2);
            number = 2;
        }

        await Descriptors(reader, "0:4096");
        if (cut)
        {
            // The file that it has is worth nothing any more, and the one that its writer makes can't be opened.
            RegionBytes.Truncate(RegionPath, 0);
            await Eventually.Become(() => new FileInfo(RegionPath).Length > 0, "the writer made its region anew");
            await Eventually.Become(() => Regions(reader).Length == 0, "the reader let go of the cut file");
        }
        else
        {
            await first.DisposeAsync();
            first = Publisher();
            number = 0;
        }

        Publish(first, number + 1);
        await Task.Delay(300);
        reader.HasExited.ShouldBeFalse(reader.Transcript());
        Regions(reader).ShouldAllBe(path => path.EndsWith("(deleted)", StringComparison.Ordinal), "it has no way to the new region yet");

        await Descriptors(reader, "1024:4096");
        await Eventually.Become(() => Regions(reader).Contains(RegionPath), "the reader opened the new region");
        Publish(first, number + 2);
        reader.Input.Close();
        using var report = System.Text.Json.JsonDocument.Parse(await reader.WaitForLine("\"fresh\":"));
        long Number(string name) => report.RootElement.GetProperty(name).GetInt64();
        Number("fresh").ShouldBeGreaterThanOrEqualTo(2);
        (Number("bad"), Number("backward"), Number("resets")).ShouldBe((0, 0, cut ? 0 : 1));
    }

    /// <summary>What a process has too little of says nothing about a region that it can't open: nobody is told to remove it.</summary>
    [Theory]
    [InlineData("map")]
    [InlineData("safe")]
    public async Task A_reader_without_a_free_descriptor_does_not_blame_the_region(string mode)
    {
        Publish(Publisher(), 1);
        var reader = Peer("starve", "--mode", mode);
        (await reader.WaitForLine("then")).ShouldBe(string.Join(", ", Enumerable.Repeat("unreadable: Too many open files", 3)) + "; then Fresh, 1 counted, 0 by the one that had it");
    }

    /// <summary>A wake that is refused says nothing about the file: nobody makes the region anew for it, and readers get their frames, if later.</summary>
    [Theory]
    [InlineData("no", "blocking")]
    [InlineData("no", "async")]
    [InlineData("yes", "poll")]
    public async Task Where_a_sandbox_refuses_the_futex_frames_arrive_all_the_same(string loan, string wait)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the sandbox is written for x86-64");
        var writer = Peer("publish", "--sandbox", "yes", "--interval-us", "20000", "--loan", loan);
        await writer.WaitForLine("published first");
        Native.TryStat(RegionPath, out var before).ShouldBeTrue();

        var reader = Peer("read", "--sandbox", "yes", "--wait", wait, "--count", "30");
        using var report = System.Text.Json.JsonDocument.Parse(await reader.WaitForLine("\"fresh\":"));

        long Number(string name) => report.RootElement.GetProperty(name).GetInt64();
        (Number("fresh"), Number("bad"), Number("backward"), Number("resets")).ShouldBe((30, 0, 0, 0));
        Native.TryStat(RegionPath, out var after).ShouldBeTrue();
        after.ShouldBe(before, "the region that was there at first");
    }

    /// <summary>Where /proc hides other users' processes, a writer's pid says nothing; only that nobody has it any more does.</summary>
    [Fact]
    public async Task A_proc_that_hides_processes_makes_no_living_writer_dead_and_no_dead_one_living()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root, to mount /proc and to become another user");
        Publish(Publisher(), 1);
        chown(RegionPath, 0, Nobody).ShouldBe(0);

        var alive = await LookFromHiding(800);
        alive.ShouldNotContain(nameof(ReadStatus.WriterGone));
        (alive.Contains(nameof(ReadStatus.Idle), StringComparison.Ordinal) || alive.Contains(nameof(ReadStatus.Stale), StringComparison.Ordinal)).ShouldBeTrue(alive);

        var writer = Peer("publish", "--count", "1", "--channel", "dead");
        await writer.WaitForLine("published first");
        writer.Signal(ChildProcess.SigKill);
        await writer.WaitForExit();
        chown(Instance.Region("dead"), 0, Nobody).ShouldBe(0);

        (await LookFromHiding(600, "--channel", "dead")).ShouldBe("WriterGone=10");
    }

    /// <summary>As SIGKILL at any other place: the last good frame stays, and a successor is read.</summary>
    [Fact]
    public async Task A_writer_that_the_kernel_kills_for_its_memory_leaves_its_last_frame()
    {
        using var group = MemoryGroup.TryMake(Instance.Name, 400L << 20);
        Assert.SkipWhen(group is null, "needs a memory cgroup that can be written: run as root, with memory.max or memory.limit_in_bytes in reach");
        var peer = TestPaths.Assembly("tests/Omnisight.PeerProcess");
        var writer = Owned(ChildProcess.Start(
            "sh",
            ["-c", $"echo $$ > {group.Processes} && exec dotnet exec {peer} publish --interval-us 1000 --hoard 30000000 --instance {Instance.Name} --directory {Instance.Directory}"]));
        var readers = new[] { Reader("safe"), Reader("map") };
        foreach (var reader in readers)
        {
            await ReadUntil(reader, ReadStatus.Fresh);
        }

        (await writer.WaitForExit()).ShouldBe(Killed, writer.Transcript());

        foreach (var reader in readers)
        {
            var last = await ReadUntil(reader, ReadStatus.WriterGone);
            last.Sequence.ShouldBe(RegionBytes.U64(RegionPath, RegionLayout.LatestAt));
        }

        Publish(Publisher(), 1);
        foreach (var reader in readers)
        {
            (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(1ul);
            reader.Counters.TotalRejects.ShouldBe(0);
        }
    }

    /// <summary>What a reader of another user sees, who may read the region and no other user's /proc/PID.</summary>
    private async Task<string> LookFromHiding(int restMs, params string[] more)
    {
        var peer = TestPaths.Assembly("tests/Omnisight.PeerProcess");
        var look = $"dotnet exec {peer} look --count 10 --rest-ms {restMs} --instance {Instance.Name} --directory / {string.Join(' ', more)}";
        var script = $"mount -t proc -o hidepid=2 proc /proc || exit 99; exec setpriv --reuid={Nobody} --regid={Nobody} --clear-groups sh -c 'test -r {peer} || exit 98; test -e /proc/1/stat && exit 97; {look}'";
        var process = Owned(ChildProcess.Start("unshare", ["-m", "sh", "-c", script], environment: new Dictionary<string, string?> { ["HOME"] = "/", ["DOTNET_EnableDiagnostics"] = "0" }));
        var code = await process.WaitForExit();
        Assert.SkipWhen(code is 97 or 98 or 99, $"needs a /proc mounted with hidepid, and a checkout that others may read ({code})");
        code.ShouldBe(0, process.Transcript());
        return process.Output.ShouldHaveSingleItem();
    }

    /// <summary>Cuts the region, and waits until the reader has the one that its writer makes.</summary>
    private async Task Cut(IPublisher publisher, ChildProcess reader, ulong next)
    {
        RegionBytes.Truncate(RegionPath, 0);
        await Eventually.Become(() => publisher.Counters.Values > 0 && new FileInfo(RegionPath).Length > 0, "the writer made its region anew");
        Publish(publisher, next);
        await Eventually.Become(() => Regions(reader).Contains(RegionPath), "the reader opened it");
    }

    private static async Task Descriptors(ChildProcess process, string limits)
    {
        using var prlimit = ChildProcess.Start("prlimit", ["--pid", $"{process.Id}", $"--nofile={limits}"]);
        (await prlimit.WaitForExit()).ShouldBe(0, prlimit.Transcript());
    }

    /// <summary>The regions of this test that a process has open.</summary>
    private string[] Regions(ChildProcess process) =>
        [.. Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "").Where(path => path.StartsWith(RegionPath, StringComparison.Ordinal))];

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, int owner, int group);
}
