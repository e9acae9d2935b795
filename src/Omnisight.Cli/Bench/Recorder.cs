using System.Globalization;
using HdrHistogram;

namespace Omnisight.Cli.Bench;

/// <summary>Durations in nanoseconds, to three digits.</summary>
internal sealed class Recorder
{
    private const long Highest = 60_000_000_000;

    private readonly LongHistogram _histogram = new(Highest, 3);

    public long Count => _histogram.TotalCount;

    public void Record(long ns) => _histogram.RecordValue(Math.Clamp(ns, 1, Highest));

    public double At(double percentile) => Count == 0 ? double.NaN : _histogram.GetValueAtPercentile(percentile);

    public double Max => At(100);

    /// <summary>Value and count pairs, for the way from a reader's process.</summary>
    public string ToText() => string.Join(
        ',', _histogram.RecordedValues().Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.ValueIteratedTo}:{v.CountAddedInThisIterationStep}")));

    public void AddText(string text)
    {
        foreach (var pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            _histogram.RecordValueWithCount(
                long.Parse(pair.AsSpan(0, colon), CultureInfo.InvariantCulture), long.Parse(pair.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The curve of a percentile plot: percentiles towards 100 with their values.</summary>
    public IEnumerable<(double Percentile, double Ns)> Curve()
    {
        for (var rest = 1.0; rest > 0.5 / Math.Max(1, Count); rest /= 1.3)
        {
            yield return (100 * (1 - rest), At(100 * (1 - rest)));
        }
    }
}
