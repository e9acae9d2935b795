using System.Diagnostics;
using System.IO.Hashing;

namespace Omnisight.Cli.Bench;

/// <summary>
/// What one publish, one read and one lease cost, each timed by itself and next to its floor on the same bytes, so that whatever disturbs the machine
/// disturbs both: memcpy + CRC-32 for a read, the same and a FUTEX_WAKE that finds nobody for a publish; for a frame that is filled in place, the filling and that wake.
/// What the clock itself costs is taken off both sides: it would pull their ratio towards 1.
/// </summary>
internal sealed class CostRun
{
    private readonly long _clockNs = ClockNs();

    public Recorder Publish { get; private set; } = new();

    public Recorder Read { get; private set; } = new();

    public Recorder Lease { get; private set; } = new();

    public Recorder PublishFloor { get; private set; } = new();

    public Recorder ReadFloor { get; private set; } = new();

    /// <summary>Measures; the reader may be one that leases, for then <see cref="Lease"/> is measured too.</summary>
    public static async Task<CostRun> Measure(ITransport transport, BenchChannel channel, BenchSettings settings, CancellationToken stop)
    {
        var run = new CostRun();
        var rounds = channel.IsFilledInPlace ? 200 : 20_000;
        await using var writer = channel.OpenWriter(transport, encoded: false);
        using var page = new BenchPage(settings.PagePath, channel);
        await using var reader = channel.OpenReader(transport, settings.CostMode);
        await using var leaser = settings.Mode == BenchMode.Safe ? null : channel.OpenReader(transport, BenchMode.Lease);
        var number = 0ul;
        for (var code = new CompiledCode(); !code.IsSettledAfter((long)number);)
        {
            number = run.Rounds(channel, writer, reader, leaser, page, rounds / 10, number);
            await Task.Delay(200, stop); // what got hot is compiled anew in the background
        }

        (run.Publish, run.Read, run.Lease, run.PublishFloor, run.ReadFloor) = (new(), new(), new(), new(), new());
        _ = run.Rounds(channel, writer, reader, leaser, page, rounds, number);
        File.Delete(page.Path);
        return run;
    }

    private ulong Rounds(BenchChannel channel, BenchWriter writer, BenchReader reader, BenchReader? leaser, BenchPage page, int rounds, ulong number)
    {
        var sample = channel.Sample();
        var scratch = GC.AllocateUninitializedArray<byte>(channel.IsFilledInPlace ? 4 * sample.Length : sample.Length, pinned: true);
        for (var i = 0; i < rounds; i++)
        {
            writer.Prepare(++number);
            var start = Stopwatch.GetTimestamp();
            writer.Publish();
            Record(Publish, start);
            Try(reader, Read);
            if (leaser is not null)
            {
                Try(leaser, Lease);
            }

            start = Stopwatch.GetTimestamp();
            if (channel.IsFilledInPlace)
            {
                channel.Fill(scratch.AsSpan((int)(number % 4) * sample.Length, sample.Length), number); // as many images as the channel has slots
            }
            else
            {
                Floor(sample, scratch);
            }

            page.WakeNobody();
            Record(PublishFloor, start);

            if (!channel.IsFilledInPlace)
            {
                start = Stopwatch.GetTimestamp();
                Floor(sample, scratch);
                Record(ReadFloor, start);
            }
        }

        return number;
    }

    private void Try(BenchReader reader, Recorder into)
    {
        var start = Stopwatch.GetTimestamp();
        var taken = reader.TryTake();
        var end = Stopwatch.GetTimestamp();
        if (taken)
        {
            into.Record(end - start - _clockNs);
        }
    }

    private void Record(Recorder into, long start) => into.Record(Stopwatch.GetTimestamp() - start - _clockNs);

    private static void Floor(byte[] from, byte[] to)
    {
        from.CopyTo(to, 0);
        _ = Crc32.HashToUInt32(to);
    }

    /// <summary>What two looks at the clock say when nothing is between them.</summary>
    private static long ClockNs()
    {
        var looks = new Recorder();
        for (var i = 0; i < 20_000; i++)
        {
            var start = Stopwatch.GetTimestamp();
            looks.Record(Stopwatch.GetTimestamp() - start);
        }

        return (long)looks.At(50);
    }
}
