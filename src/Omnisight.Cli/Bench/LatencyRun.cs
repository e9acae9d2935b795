using System.Diagnostics;

namespace Omnisight.Cli.Bench;

/// <summary>
/// From before a publish in this process to the decoded frame in others, with the barest futex hand-over to yet another process between any two frames:
/// the two curves are of the same seconds.
/// </summary>
internal sealed class LatencyRun
{
    private const int WarmFrames = 1500;
    private const int MaxSettleFrames = 60_000;

    public ReaderReport Readers { get; } = new();

    public ReaderReport Handover { get; } = new();

    /// <summary>What the channel takes in shared memory.</summary>
    public long IpcBytes { get; private set; }

    public static async Task<LatencyRun> Measure(
        BenchChannel channel, ITransport transport, BenchSettings settings, Func<string, IEnumerable<string>> arguments, CancellationToken stop)
    {
        var run = new LatencyRun();
        var page = $"/dev/shm/.{settings.Instance}.handover";
        var children = new List<BenchChild>();
        try
        {
            using var handover = new HandoverPage(page);
            await using var writer = channel.OpenWriter(transport);
            run.IpcBytes = Directory.EnumerateFiles("/dev/shm", settings.Instance + "_*").Sum(f => new FileInfo(f).Length);
            children.Add(BenchChild.Start(arguments("handover:" + page), run.Handover));
            for (var i = 0; i < settings.Readers; i++)
            {
                children.Add(BenchChild.Start(arguments("reader"), run.Readers));
            }

            await Task.Run(() => Publish(writer, handover, children, settings, stop), stop);
            children.ForEach(c => c.RequireReport());
        }
        finally
        {
            children.ForEach(c => c.Dispose());
            File.Delete(page);
        }

        return run;
    }

    private static void Publish(BenchWriter writer, HandoverPage handover, List<BenchChild> children, BenchSettings settings, CancellationToken stop)
    {
        var halfNs = 500_000_000L / settings.Rate;
        var next = Stopwatch.GetTimestamp();
        var number = 0ul;

        for (var i = 0; i < MaxSettleFrames && !children.TrueForAll(c => c.IsReady) && !stop.IsCancellationRequested; i++)
        {
            Both(_ => BenchChannel.Warm);
        }

        for (var i = 0; i < WarmFrames; i++)
        {
            Both(_ => BenchChannel.Warm);
        }

        for (var i = 0; i < settings.Frames && !stop.IsCancellationRequested; i++)
        {
            Both(now => (ulong)now);
        }

        for (var i = 0; i < MaxSettleFrames && !children.TrueForAll(c => c.HasEnded); i++)
        {
            Both(_ => BenchChannel.End);
        }

        void Both(Func<long, ulong> stamp)
        {
            writer.Prepare(++number);
            BenchNative.SleepUntil(next += halfNs);
            writer.Publish(stamp(Stopwatch.GetTimestamp()));
            BenchNative.SleepUntil(next += halfNs);
            handover.Send(stamp(Stopwatch.GetTimestamp()));
        }
    }
}
