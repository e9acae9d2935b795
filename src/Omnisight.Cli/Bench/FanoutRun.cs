using System.Diagnostics;

namespace Omnisight.Cli.Bench;

/// <summary>
/// The cost of a publish while one process polls the channel without a pause, and while many do, in turns of the same seconds.
/// Nobody waits on the futex: what grows here is the price of being read. The publisher has the first core to itself: pollers that took it away would be what is measured.
/// </summary>
internal sealed class FanoutRun
{
    private const int Turns = 5;
    private const long SettleNs = 100_000_000, TurnNs = 500_000_000;

    /// <summary>Between two publishes, so that readers meet the same frame more than once.</summary>
    private const long PauseNs = 20_000;

    private const long SettlePauseNs = 5_000_000;

    private ulong _number;

    public Recorder WithOne { get; } = new();

    public Recorder AmongAll { get; } = new();

    public PollerReport Reads { get; } = new();

    public static async Task<FanoutRun> Measure(
        BenchChannel channel, ITransport transport, BenchSettings settings, Func<int, IEnumerable<string>> arguments, CancellationToken stop)
    {
        var run = new FanoutRun();
        var children = new List<BenchChild>();
        using var page = new BenchPage(settings.PagePath, channel);
        try
        {
            await using var writer = channel.OpenWriter(transport, encoded: false);
            for (var i = 0; i < settings.Readers; i++)
            {
                children.Add(BenchChild.Start(arguments(i), run.Reads.AddLine));
            }

            await Task.Factory.StartNew(() => run.Alternate(writer, page, children, (uint)settings.Readers, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            children.ForEach(c => c.RequireReport());
        }
        finally
        {
            children.ForEach(c => c.Dispose());
            File.Delete(page.Path);
        }

        return run;
    }

    private void Alternate(BenchWriter writer, BenchPage page, List<BenchChild> children, uint readers, CancellationToken stop)
    {
        var code = new CompiledCode();
        while (!(code.IsSettledAfter((long)_number) && children.TrueForAll(c => c.IsReady)) && !stop.IsCancellationRequested)
        {
            writer.Prepare(++_number);
            writer.Publish();
            BenchNative.SleepUntil(Stopwatch.GetTimestamp() + SettlePauseNs);
        }

        BenchNative.Pin(BenchNative.PublisherCore);
        for (var turn = 0; turn < Turns && !stop.IsCancellationRequested; turn++)
        {
            page.Activate(1);
            PublishFor(SettleNs, writer, null);
            PublishFor(TurnNs, writer, WithOne);
            page.Activate(readers);
            PublishFor(SettleNs, writer, null);
            PublishFor(TurnNs, writer, AmongAll);
        }

        page.Activate(PollerRole.Over);
        while (!children.TrueForAll(c => c.HasEnded))
        {
            BenchNative.SleepUntil(Stopwatch.GetTimestamp() + PauseNs);
        }
    }

    private void PublishFor(long ns, BenchWriter writer, Recorder? into)
    {
        var end = Stopwatch.GetTimestamp() + ns;
        long start;
        do
        {
            writer.Prepare(++_number);
            start = Stopwatch.GetTimestamp();
            writer.Publish();
            into?.Record(Stopwatch.GetTimestamp() - start);
            while (Stopwatch.GetTimestamp() < start + PauseNs)
            {
                Thread.SpinWait(1);
            }
        }
        while (start < end);
    }
}
