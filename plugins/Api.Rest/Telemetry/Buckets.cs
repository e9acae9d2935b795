namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Counts of values up to each of some bounds: a histogram of Prometheus. Any thread records; 0 B.</summary>
internal sealed class Buckets(double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public void Record(double value)
    {
        var i = 0;
        while (i < bounds.Length && value > bounds[i])
        {
            i++;
        }

        _ = Interlocked.Increment(ref _counts[i]);
        double seen;
        do
        {
            seen = Volatile.Read(ref _sum);
        }
        while (Interlocked.CompareExchange(ref _sum, seen + value, seen) != seen && !double.IsNaN(seen));
    }

    public IEnumerable<MetricSample> Samples(params (string Name, string Value)[] labels)
    {
        var seen = 0L;
        for (var i = 0; i <= bounds.Length; i++)
        {
            seen += Interlocked.Read(ref _counts[i]);
            yield return new MetricSample(seen, "_bucket", [.. labels, ("le", PrometheusText.Number(i < bounds.Length ? bounds[i] : double.PositiveInfinity))]);
        }

        yield return new MetricSample(Volatile.Read(ref _sum), "_sum", labels);
        yield return new MetricSample(seen, "_count", labels);
    }
}
