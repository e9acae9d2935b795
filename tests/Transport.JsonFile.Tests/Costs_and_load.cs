using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.JsonFile.Tests;

[Trait("Category", "Process")]
public sealed partial class Costs_and_load : JsonFileTest
{
    [Fact]
    public async Task A_hundred_thousand_reads_against_a_writer_in_a_tight_loop_parse()
    {
        using var writer = Peer.Start(Instance, "jsonfile", "publish --interval-us 0");
        await using var reader = Transport.OpenReader(Stress);
        var decoder = new StrictDecoder();
        await Eventually.Become(() => reader.Read(decoder, out _) == ReadStatus.Fresh, "the first value");
        // Most reads find nothing new where the writer gets little of the processor: as many must find something.
        await Eventually.Become(
            () =>
            {
                for (var i = 0; i < 100_000; i++)
                {
                    reader.Read(decoder, out _);
                }

                return reader.Counters.Values >= 1000;
            },
            "a thousand documents are read");
        reader.Counters.TotalRejects.ShouldBe(0);
        decoder.Bad.ShouldBe(0);
        await writer.Finish();
    }

    [Fact]
    public async Task Reading_an_unchanged_document_is_one_system_call()
    {
        if (!File.Exists("/usr/bin/strace"))
        {
            Assert.Skip("needs strace: apt-get install strace");
        }

        await using var publisher = Transport.OpenPublisher(Stress);
        publisher.Publish("{\"n\":0,\"fill\":\"\"}"u8).ShouldBe(PublishResult.Published);
        var trace = Instance.FilePath("trace");
        using var peer = Peer.Start(Instance, "jsonfile", "look --count 1000 --period-ms 600000", $"strace -f -qq -o {trace} -e trace=!futex,madvise,mprotect,sched_yield");
        (await peer.WaitForExit()).ShouldBe(0, peer.Transcript());
        peer.Output.Last().ShouldBe("Unchanged=1000");

        var lines = await File.ReadAllLinesAsync(trace);
        var begin = Array.FindIndex(lines, l => l.Contains("/omnisight-begin", StringComparison.Ordinal));
        var end = Array.FindIndex(lines, l => l.Contains("/omnisight-end", StringComparison.Ordinal));
        var thread = lines[begin].Split(' ')[0];
        var calls = lines[(begin + 1)..end].Where(l => l.StartsWith(thread + " ", StringComparison.Ordinal)).Select(l => Call().Match(l).Groups[1].Value)
            .Where(name => name is not ("" or "rt_sigreturn" or "munmap" or "mmap")).CountBy(name => name).ToDictionary();
        calls.ShouldBe(new Dictionary<string, int> { ["statx"] = 1000 });
    }

    [Fact]
    public async Task A_full_disk_keeps_the_old_document_and_is_counted_and_said_once()
    {
        Root.Require();
        using var peer = await StartOnSmallDisk();
        await Say(peer, "100");
        (await peer.WaitForLine("1 ")).ShouldBe("1 Published lost=0");
        await Say(peer, "3000");
        await Say(peer, "100000");
        (await peer.WaitForLine("3 ")).ShouldBe("3 Failed lost=1");
        using (var document = JsonDocument.Parse(InMountOf(peer, $"cat {Instance.FilePath($"{Instance.Name}_stress.json")}")))
        {
            document.RootElement.GetProperty("n").GetInt32().ShouldBe(2, "the old document is there, whole");
        }

        await Say(peer, "50");
        (await peer.WaitForLine("4 ")).ShouldBe("4 Published lost=1");
        InMountOf(peer, $"mount -o remount,ro {Instance.Directory}");
        await Say(peer, "60");
        (await peer.WaitForLine("5 ")).ShouldBe("5 Failed lost=2");
        using (var document = JsonDocument.Parse(InMountOf(peer, $"cat {Instance.FilePath($"{Instance.Name}_stress.json")}")))
        {
            document.RootElement.GetProperty("n").GetInt32().ShouldBe(4);
        }

        InMountOf(peer, $"mount -o remount,rw {Instance.Directory}");
        await Say(peer, "70");
        (await peer.WaitForLine("6 ")).ShouldBe("6 Published lost=2");
        InMountOf(peer, $"ls -A {Instance.Directory}").ShouldNotContain(".tmp");
    }

    private async Task<ChildProcess> StartOnSmallDisk()
    {
        var run = $"dotnet exec {TestPaths.Assembly("tests/Omnisight.PeerProcess")} obey --transport jsonfile --instance {Instance.Name} --directory {Instance.Directory} --bytes 200000";
        var peer = ChildProcess.Start("unshare", ["-m", "sh", "-c", $"mount -t tmpfs -o size=32k tmpfs {Instance.Directory} && exec {run}"]);
        try
        {
            await peer.WaitForLine("obeying");
        }
        catch (InvalidOperationException) when (peer.Transcript().Contains("unshare", StringComparison.Ordinal) || peer.Transcript().Contains("mount", StringComparison.Ordinal))
        {
            Assert.Skip($"this environment allows no mounts of its own: {peer.Transcript()}");
        }

        return peer;
    }

    private static async Task Say(ChildProcess peer, string line)
    {
        await peer.Input.WriteLineAsync(line);
        await peer.Input.FlushAsync();
    }

    private static string InMountOf(ChildProcess peer, string command)
    {
        using var inside = ChildProcess.Start("nsenter", ["-t", peer.Id.ToString(CultureInfo.InvariantCulture), "-m", "sh", "-c", command]);
        inside.WaitForExit().GetAwaiter().GetResult().ShouldBe(0, inside.Transcript());
        return inside.Transcript();
    }

    [GeneratedRegex(@"^\d+ +(\w+)\(")]
    private static partial Regex Call();

    private sealed class StrictDecoder : IPayloadDecoder
    {
        public long Bad { get; private set; }

        public Rejection Decode(ReadOnlySpan<byte> payload)
        {
            try
            {
                var reader = new Utf8JsonReader(payload);
                while (reader.Read())
                {
                }
            }
            catch (JsonException)
            {
                Bad++;
            }

            return Rejection.None;
        }
    }
}
