namespace Omnisight.Api.Rest.Channels;

/// <summary>Rate and age of the last values of a channel. The feed's loop records, anyone reads: a figure may mix two instants, which a display can bear.</summary>
internal sealed class ArrivalStatistics
{
    private const int Window = 128;
    private readonly long[] _arrivals = new long[Window];
    private readonly long[] _ages = new long[Window];
    private long _count;

    /// <summary>From publish to here, of all values.</summary>
    public LatencyHistogram Delay { get; } = new();

    public void Record(long nowNs, long publishedNs)
    {
        var age = Math.Max(0, nowNs - publishedNs);
        var slot = _count % Window;
        _arrivals[slot] = publishedNs;
        _ages[slot] = age;
        Delay.Record(age);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Values a second over the last values that are not older than ten seconds; 0 when there are fewer than two.</summary>
    public double RatePerSecond(long nowNs)
    {
        var count = Volatile.Read(ref _count);
        var have = (int)Math.Min(count, Window);
        var (first, last, n) = (long.MaxValue, long.MinValue, 0);
        for (var i = 0; i < have; i++)
        {
            var at = _arrivals[i];
            if (nowNs - at < 10_000_000_000)
            {
                (first, last, n) = (Math.Min(first, at), Math.Max(last, at), n + 1);
            }
        }

        return n < 2 || last <= first ? 0 : (n - 1) * 1e9 / (last - first);
    }

    /// <summary>The age at arrival that 99% of the last values did not exceed; null without values.</summary>
    public double? AgeP99Ms()
    {
        var have = (int)Math.Min(Volatile.Read(ref _count), Window);
        if (have == 0)
        {
            return null;
        }

        var ages = _ages[..have];
        Array.Sort(ages);
        return ages[(int)Math.Ceiling(have * 0.99) - 1] / 1e6;
    }
}
