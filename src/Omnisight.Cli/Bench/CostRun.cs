using System.Diagnostics;
using System.IO.Hashing;

namespace Omnisight.Cli.Bench;

/// <summary>
/// What one publish, one read and one lease cost, each timed by itself and next to its floor on the same bytes, so that whatever disturbs the machine
/// disturbs both: memcpy + CRC-32 for a read; the same and a FUTEX_WAKE on a shared page that finds nobody for a publish.
/// </summary>
internal sealed class CostRun
{
    private const int WarmRounds = 4;

    public Recorder Publish { get; private set; } = new();

    public Recorder Read { get; private set; } = new();

    public Recorder Lease { get; private set; } = new();

    public Recorder PublishFloor { get; private set; } = new();

    public Recorder ReadFloor { get; private set; } = new();

    /// <summary>Measures; the reader may be one that leases, for then <see cref="Lease"/> is measured too.</summary>
    public static async Task<CostRun> Measure(ITransport transport, BenchChannel channel, string instance, BenchMode mode, int rounds, CancellationToken stop)
    {
        var run = new CostRun();
        await using var writer = channel.OpenWriter(transport);
        using var page = new HandoverPage($"/dev/shm/.{instance}.handover");
        await using var reader = channel.OpenReader(transport, mode == BenchMode.Lease && channel is not BenchVideo ? BenchMode.Map : mode);
        await using var leaser = mode == BenchMode.Safe ? null : channel.OpenReader(transport, BenchMode.Lease);
        var number = 0ul;
        for (var warm = 0; warm < WarmRounds; warm++)
        {
            number = run.Rounds(writer, reader, leaser, page, channel.Sample(), Math.Min(rounds, 2000), number);
            await Task.Delay(200, stop); // what got hot is compiled anew in the background
        }

        (run.Publish, run.Read, run.Lease, run.PublishFloor, run.ReadFloor) = (new(), new(), new(), new(), new());
        _ = run.Rounds(writer, reader, leaser, page, channel.Sample(), rounds, number);
        File.Delete(page.Path);
        return run;
    }

    private ulong Rounds(BenchWriter writer, BenchReader reader, BenchReader? leaser, HandoverPage page, byte[] sample, int rounds, ulong number)
    {
        var scratch = GC.AllocateUninitializedArray<byte>(sample.Length, pinned: true);
        for (var i = 0; i < rounds; i++)
        {
            writer.Prepare(++number);
            var start = Stopwatch.GetTimestamp();
            writer.Publish(BenchChannel.Warm);
            Publish.Record(Stopwatch.GetTimestamp() - start);

            start = Stopwatch.GetTimestamp();
            var taken = reader.TryTake();
            var end = Stopwatch.GetTimestamp();
            if (taken)
            {
                Read.Record(end - start);
            }

            if (leaser is not null)
            {
                start = Stopwatch.GetTimestamp();
                taken = leaser.TryTake();
                end = Stopwatch.GetTimestamp();
                if (taken)
                {
                    Lease.Record(end - start);
                }
            }

            start = Stopwatch.GetTimestamp();
            Floor(sample, scratch);
            page.Wake();
            PublishFloor.Record(Stopwatch.GetTimestamp() - start);

            start = Stopwatch.GetTimestamp();
            Floor(sample, scratch);
            ReadFloor.Record(Stopwatch.GetTimestamp() - start);
        }

        return number;
    }

    private static void Floor(byte[] from, byte[] to)
    {
        from.CopyTo(to, 0);
        _ = Crc32.HashToUInt32(to);
    }
}
