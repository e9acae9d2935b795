namespace Omnisight;

/// <summary>Where a value stands in its channel, and when it was published.</summary>
public struct SampleInfo
{
    /// <summary>Identifies one life of the writer: random per start. A new epoch may restart <see cref="Sequence"/> at 1.</summary>
    public ulong Epoch;

    /// <summary>The value's number within its epoch, from 1; 0 = none yet.</summary>
    public ulong Sequence;

    /// <summary>When it was published: CLOCK_MONOTONIC nanoseconds of this boot.</summary>
    public long PublishedMonoNs;

    /// <summary>Values that were published since the last one this reader took, and that it will never see.</summary>
    public ulong Missed;

    /// <summary>With <see cref="ReadStatus.Rejected"/>: why.</summary>
    public Rejection Rejection;

    /// <summary>The value's age. Never negative.</summary>
    /// <param name="time">The clock; its timestamps must be CLOCK_MONOTONIC, as TimeProvider.System's are on Linux.</param>
    public readonly TimeSpan Age(TimeProvider time) =>
        TimeSpan.FromTicks(Math.Max(0, MonotonicClock.NowNs(time) - PublishedMonoNs) / 100);
}
