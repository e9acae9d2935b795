using ScottPlot;

namespace Omnisight.Cli.Evaluation;

/// <summary>MOTA and IDF1 of each sequence, side by side.</summary>
internal static class EvaluationPlot
{
    public static void Save(IReadOnlyList<(string Name, MotCounts Counts)> sequences, string path)
    {
        using var plot = new Plot();
        Bars(plot, "MOTA", sequences, c => c.Mota, offset: -0.2);
        Bars(plot, "IDF1", sequences, c => c.Idf1, offset: 0.2);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. sequences.Select((_, i) => (double)i)], [.. sequences.Select(s => Label(s.Name))]);
        plot.Axes.Margins(bottom: 0);
        plot.YLabel("percent");
        plot.ShowLegend(Alignment.UpperRight);
        plot.SavePng(path, 1000, 500);
    }

    private static void Bars(Plot plot, string name, IReadOnlyList<(string Name, MotCounts Counts)> sequences, Func<MotCounts, double> value, double offset)
    {
        var bars = plot.Add.Bars(sequences.Select((s, i) => new Bar { Position = i + offset, Value = value(s.Counts), Size = 0.35 }).ToArray());
        bars.LegendText = name;
        bars.Color = plot.Add.GetNextColor();
    }

    /// <summary>The folder names the sequence; the file in it is often called the same everywhere.</summary>
    private static string Label(string file) => Path.GetFileName(Path.GetDirectoryName(file)) is { Length: > 0 } folder ? $"{folder}\n{Path.GetFileName(file)}" : file;
}
