using System.Globalization;

namespace Omnisight.Cli.Bench;

/// <summary>A process that takes frames as fast as it can while it is its turn, and never waits for one.</summary>
internal static class PollerRole
{
    /// <summary>As the number of pollers that are to read: it is over.</summary>
    public const uint Over = uint.MaxValue;

    public static void Run(BenchReader reader, BenchPage page, uint index, TextWriter output, CancellationToken stop)
    {
        var warm = new PollerReport();
        var code = new CompiledCode();
        while (!code.IsSettledAfter(warm.All.Count) && page.Active != Over && !stop.IsCancellationRequested)
        {
            _ = Poll(reader, page, active: 0, index: 0, wasAwake: true, warm);
        }

        var report = new PollerReport();
        BenchNative.Pin(BenchNative.AllButPublisherCore); // not earlier: the many start side by side on all cores
        output.WriteLine(ReaderReport.Ready);
        output.Flush();
        var wasAwake = false;
        while (page.Active is var active && active != Over && !stop.IsCancellationRequested)
        {
            if (index < active)
            {
                wasAwake = Poll(reader, page, active, index, wasAwake, report);
            }
            else
            {
                page.WaitWhileActive(active);
                wasAwake = false;
            }
        }

        output.WriteLine(report.ToLine());
        output.Flush();
    }

    /// <summary>True when there was nothing: this process then sees the next frame come, instead of finding it after others had the core.</summary>
    private static bool Poll(BenchReader reader, BenchPage page, uint active, uint index, bool wasAwake, PollerReport report)
    {
        if (!reader.TryTake(null, out var take))
        {
            return true;
        }

        report.Check(take);
        if (index == 0 && wasAwake && page.Active == active)
        {
            // Only the process that reads in both turns is compared: with itself.
            (active == 1 ? report.One : report.All).Record(take.HeldNs - take.AwakeNs);
        }

        return false;
    }
}

/// <summary>What the pollers met; the times are of the first of them.</summary>
internal sealed class PollerReport
{
    private ulong _last;

    /// <summary>The cost of a read while nobody else reads.</summary>
    public Recorder One { get; } = new();

    /// <summary>While all do.</summary>
    public Recorder All { get; } = new();

    /// <summary>Frames that were torn or went back.</summary>
    public long Flaws { get; private set; }

    public void Check(in BenchTake take)
    {
        Flaws += take.Whole && take.Sequence > _last ? 0 : 1;
        _last = take.Sequence;
    }

    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"polled {Flaws} {One.ToText()} {All.ToText()}");

    /// <summary>Adds what another process reported; false when the line is not a report.</summary>
    public bool AddLine(string line)
    {
        var fields = line.Split(' ');
        if (fields is not ["polled", var flaws, var one, var all])
        {
            return false;
        }

        Flaws += long.Parse(flaws, CultureInfo.InvariantCulture);
        One.AddText(one);
        All.AddText(all);
        return true;
    }
}
