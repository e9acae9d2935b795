using ScottPlot;

namespace Omnisight.Cli.Bench;

/// <summary>Latency by percentile: the readers' curve above the bare hand-over's.</summary>
internal static class BenchPlot
{
    public static void Save(BenchResult result, string path)
    {
        using var plot = new Plot();
        Add(plot, result.Latency.Readers.Latency, $"{result.Settings.Channel}, {result.Settings.Mode.ToString().ToLowerInvariant()} reader");
        Add(plot, result.Latency.Handover.Latency, "bare futex hand-over");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. Marks.Select(Position)], [.. Marks.Select(m => m.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture))]);
        plot.Axes.SetLimitsX(0, Position(100 * (1 - (1.0 / Math.Max(10, result.Latency.Readers.Latency.Count)))));
        plot.Axes.SetLimitsY(0, 1.1 * Math.Max(result.Latency.Readers.Latency.At(99.9), result.Latency.Handover.Latency.At(99.9)) / 1000);
        plot.XLabel("percentile");
        plot.YLabel("publish to receive, us");
        plot.Title($"{result.Settings.Readers} reader(s), {result.Settings.Frames} frames of {result.FrameBytes} bytes at {result.Settings.Rate} Hz");
        plot.ShowLegend(Alignment.UpperLeft);
        plot.SavePng(path, 1000, 600);
    }

    private static readonly double[] Marks = [0, 50, 90, 99, 99.9, 99.99, 99.999];

    /// <summary>Each further nine has the same width.</summary>
    private static double Position(double percentile) => -Math.Log10(1 - (Math.Min(percentile, 99.99999) / 100));

    private static void Add(Plot plot, Recorder recorder, string name)
    {
        var curve = recorder.Curve().ToArray();
        var line = plot.Add.ScatterLine(curve.Select(c => Position(c.Percentile)).ToArray(), curve.Select(c => c.Ns / 1000).ToArray());
        line.LegendText = name;
        line.LineWidth = 2;
    }
}
