using System.Numerics;

namespace Omnisight;

/// <summary>
/// Durations in buckets that widen with the value: four to an octave, so a percentile is right within 19%.
/// One thread records, any thread reads. 0 B and a few nanoseconds per record.
/// </summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 2;
    private readonly long[] _buckets = new long[64 << SubBits];
    private long _sum;

    /// <summary>Counts one duration in nanoseconds; negative ones count as zero.</summary>
    public void Record(long nanoseconds)
    {
        var counted = Math.Max(0, nanoseconds);
        _buckets[Index(counted)]++;
        _sum += counted;
    }

    /// <summary>All durations together, in nanoseconds.</summary>
    public long Sum => Volatile.Read(ref _sum);

    /// <summary>How many durations were recorded.</summary>
    public long Count => _buckets.Sum();

    /// <summary>The duration in nanoseconds that the given share (0..1) of the records does not exceed, null without records.</summary>
    public double? Percentile(double share)
    {
        var total = Count;
        if (total == 0)
        {
            return null;
        }

        var rank = Math.Max(1, (long)Math.Ceiling(share * total));
        var seen = 0L;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += Volatile.Read(ref _buckets[i]);
            if (seen >= rank)
            {
                return UpperBound(i);
            }
        }

        return UpperBound(_buckets.Length - 1);
    }

    /// <summary>How many records do not exceed the given number of nanoseconds (to the bucket's precision).</summary>
    public long CountUpTo(long nanoseconds)
    {
        var last = Index(Math.Max(0, nanoseconds));
        var seen = 0L;
        for (var i = 0; i <= last; i++)
        {
            seen += Volatile.Read(ref _buckets[i]);
        }

        return seen;
    }

    private static int Index(long value)
    {
        if (value < 1 << SubBits)
        {
            return (int)value;
        }

        var octave = BitOperations.Log2((ulong)value);
        var sub = (int)(value >> (octave - SubBits)) & ((1 << SubBits) - 1);
        return ((octave - SubBits + 1) << SubBits) + sub;
    }

    private static double UpperBound(int index)
    {
        if (index < 1 << SubBits)
        {
            return index;
        }

        var octave = (index >> SubBits) + SubBits - 1;
        var sub = index & ((1 << SubBits) - 1);
        return Math.ScaleB((1 << SubBits) + sub + 1, octave - SubBits) - 1;
    }
}
