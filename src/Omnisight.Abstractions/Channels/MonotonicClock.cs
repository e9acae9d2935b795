namespace Omnisight;

/// <summary>CLOCK_MONOTONIC in nanoseconds: the time of freshness and latency, the same in every process of this boot.</summary>
public static class MonotonicClock
{
    /// <summary>Now, by the given clock.</summary>
    public static long NowNs(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var frequency = time.TimestampFrequency;
        var now = time.GetTimestamp();
        return frequency == 1_000_000_000 ? now : (long)((Int128)now * 1_000_000_000 / frequency);
    }

    /// <summary>Now, by the system's clock (clock_gettime(CLOCK_MONOTONIC) on Linux).</summary>
    public static long NowNs() => System.Diagnostics.Stopwatch.GetTimestamp();
}
