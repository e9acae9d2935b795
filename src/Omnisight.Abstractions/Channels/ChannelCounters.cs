namespace Omnisight;

/// <summary>
/// What one end of a channel counted since it was opened. Written by the end that owns it, read by anyone at any time:
/// each number is right by itself, two of them need not be of the same instant.
/// </summary>
public sealed class ChannelCounters
{
    private readonly long[] _rejects = new long[Enum.GetValues<RejectReason>().Length];

    /// <summary>Values published, or values read.</summary>
    public long Values;

    /// <summary>Their payload bytes.</summary>
    public long Bytes;

    /// <summary>Writer: values that could not be published. Reader: values it will never see (gaps).</summary>
    public long Lost;

    /// <summary>Writer: elements (objects, tracks, ...) that did not fit into their values.</summary>
    public long Truncated;

    /// <summary>Reader: reads that met a writer in the act and were tried again.</summary>
    public long Torn;

    /// <summary>Reader: times that a new epoch was met.</summary>
    public long Resets;

    /// <summary>Writer: time to encode and publish one value.</summary>
    public LatencyHistogram PublishLatency { get; } = new();

    /// <summary>How many values were rejected for this reason.</summary>
    public long Rejects(RejectReason reason) => Volatile.Read(ref _rejects[(int)reason]);

    /// <summary>Counts one rejected value.</summary>
    public void CountReject(RejectReason reason) => _rejects[(int)reason]++;

    /// <summary>All rejected values.</summary>
    public long TotalRejects => _rejects.Sum();
}
