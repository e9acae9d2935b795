using System.Globalization;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>
/// SIGKILL at random instants of an unpaced writer, again and again (FAULTS 8). The next writers are loaded while one dies, so that hundreds of lives
/// fit into a test; <c>OMNISIGHT_KILLS</c> makes it as many as tests/nightly/kill-10000.sh wants.
/// </summary>
[Trait("Category", "Process")]
public sealed class RandomKillTests : ShmTest
{
    private const int DefaultKills = 300;
    private const int Loading = 3;

    [Fact]
    public async Task No_kill_at_any_instant_shows_in_what_readers_get()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("OMNISIGHT_KILLS") ?? $"{DefaultKills}", CultureInfo.InvariantCulture);
        var random = new Random(20251122);
        var readers = new[] { Reader("safe"), Reader("map") };
        var seen = new (ulong Epoch, ulong Sequence)[readers.Length];
        var epochs = new HashSet<ulong>();
        var baseline = 0;
        var fresh = 0L;

        using var waiting = Owned(new Loaded());
        var next = waiting.Writers;
        for (var kill = 0; kill < kills; kill++)
        {
            while (next.Count < Loading)
            {
                next.Enqueue(Waiting(2 + random.Next(3)));
            }

            using var writer = next.Dequeue();
            var met = epochs.Count;
            await writer.Input.WriteLineAsync("go");
            await writer.Input.FlushAsync();
            await Eventually.Become(() => ReadAll() && epochs.Count > met, $"a frame of writer {kill}");
            var until = TimeSpan.FromMilliseconds(random.NextDouble() * 6);
            for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < until;)
            {
                ReadAll();
            }

            writer.Signal(ChildProcess.SigKill);
            await writer.WaitForExit();
            ReadAll();
            if (kill == 10)
            {
                baseline = Descriptors();
            }
        }

        epochs.Count.ShouldBe(kills, "every life of the writer was seen");
        fresh.ShouldBeGreaterThan(kills);
        readers.Sum(r => r.Counters.TotalRejects).ShouldBe(0);
        (Descriptors() - baseline).ShouldBeLessThanOrEqualTo(2, "descriptors do not grow with the kills");
        Directory.EnumerateFiles("/dev/shm", $"*{Instance.Name}_*", new EnumerationOptions { AttributesToSkip = 0 }).Count()
            .ShouldBeLessThanOrEqualTo(3, "the region, its lock and at most one temporary: files do not grow with the kills");

        bool ReadAll()
        {
            var any = false;
            for (var i = 0; i < readers.Length; i++)
            {
                if (readers[i].Read(Decoder, out var info) != ReadStatus.Fresh)
                {
                    continue;
                }

                any = true;
                fresh++;
                Decoder.IsWhole.ShouldBeTrue($"frame {info.Sequence} of epoch {info.Epoch:x} is torn");
                Decoder.Number.ShouldBe(info.Sequence);
                (info.Epoch == seen[i].Epoch && info.Sequence <= seen[i].Sequence).ShouldBeFalse($"frame {info.Sequence} after {seen[i].Sequence}");
                seen[i] = (info.Epoch, info.Sequence);
                epochs.Add(info.Epoch);
            }

            return any;
        }
    }

    private ChildProcess Waiting(int slots) => ChildProcess.StartDotnet(
        TestPaths.Assembly("tests/Omnisight.PeerProcess"),
        ["publish", "--start", "told", "--interval-us", "0", "--slots", $"{slots}", "--instance", Instance.Name, "--directory", Instance.Directory]);

    /// <summary>Writers that are loaded and wait to be told; none outlives the test.</summary>
    private sealed class Loaded : IDisposable
    {
        public Queue<ChildProcess> Writers { get; } = new();

        public void Dispose()
        {
            while (Writers.TryDequeue(out var writer))
            {
                writer.Dispose();
            }
        }
    }

    /// <summary>Open files of this test's instance.</summary>
    private int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Count(f =>
    {
        try
        {
            return File.ResolveLinkTarget(f, false)?.FullName.Contains(Instance.Name, StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;
        }
    });
}
