namespace Omnisight.Cli.Channels;

/// <summary>Mean and deviation of a series, one value at a time (Welford's method).</summary>
internal sealed class RunningStatistics
{
    private double _squares;

    public long Count { get; private set; }

    public double Mean { get; private set; }

    public double Minimum { get; private set; } = double.PositiveInfinity;

    public double Maximum { get; private set; } = double.NegativeInfinity;

    /// <summary>Standard deviation of the values themselves (not an estimate for more); null without values.</summary>
    public double? Deviation => Count == 0 ? null : Math.Sqrt(_squares / Count);

    public void Add(double value)
    {
        Count++;
        var before = value - Mean;
        Mean += before / Count;
        _squares += before * (value - Mean);
        Minimum = Math.Min(Minimum, value);
        Maximum = Math.Max(Maximum, value);
    }
}
