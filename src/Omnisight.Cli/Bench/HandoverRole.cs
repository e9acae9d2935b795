using System.Diagnostics;
using System.IO.Hashing;

namespace Omnisight.Cli.Bench;

/// <summary>The process at the other end of the barest hand-over, or of the one that carries a frame's bytes and checks them.</summary>
internal static class HandoverRole
{
    public const int Bare = 0, Carrying = 1;

    public static void Run(BenchPage page, int lane, TextWriter output)
    {
        var report = new ReaderReport();
        var scratch = GC.AllocateUninitializedArray<byte>(page.CarriedBytes, pinned: true);
        var seen = 0u;
        var idle = Stopwatch.StartNew();
        var code = new CompiledCode();
        var isReady = false;
        while (idle.Elapsed < TimeSpan.FromSeconds(60))
        {
            if (Receive(page, lane, ref seen, scratch, report) is not { } stamp)
            {
                continue;
            }

            idle.Restart();
            if (!isReady && code.IsSettledAfter(seen))
            {
                isReady = true;
                output.WriteLine(ReaderReport.Ready);
                output.Flush();
            }

            if (stamp == BenchChannel.End)
            {
                break;
            }
        }

        output.WriteLine(report.ToLine());
        output.Flush();
    }

    private static ulong? Receive(BenchPage page, int lane, ref uint seen, byte[] scratch, ReaderReport report)
    {
        if (!page.TryReceive(lane, ref seen, out var stamp))
        {
            return null;
        }

        var start = Stopwatch.GetTimestamp();
        if (lane == Carrying)
        {
            page.Carried.CopyTo(scratch);
            _ = Crc32.HashToUInt32(scratch);
        }

        var now = Stopwatch.GetTimestamp();
        if (stamp is not (BenchChannel.Warm or BenchChannel.End))
        {
            report.Add(new BenchTake { Sequence = seen, Whole = true, AwakeNs = start, HeldNs = now }, (long)stamp);
        }

        return stamp;
    }
}
