namespace Omnisight.Kernel.Wiring;

/// <summary>Sums over the readers of a channel.</summary>
internal sealed class ReaderTotals
{
    private static readonly int Reasons = Enum.GetValues<RejectReason>().Length;

    private readonly long[] _rejects = new long[Reasons];

    /// <summary>The channel's transport.</summary>
    public string Scheme { get; set; } = "";

    public long Values { get; private set; }

    public long Bytes { get; private set; }

    public long Lost { get; private set; }

    public long Torn { get; private set; }

    public long Resets { get; private set; }

    public long Rejected => _rejects.Sum();

    public long Rejects(RejectReason reason) => _rejects[(int)reason];

    public void Add(ChannelCounters counters)
    {
        Values += Volatile.Read(ref counters.Values);
        Bytes += Volatile.Read(ref counters.Bytes);
        Lost += Volatile.Read(ref counters.Lost);
        Torn += Volatile.Read(ref counters.Torn);
        Resets += Volatile.Read(ref counters.Resets);
        for (var reason = 0; reason < Reasons; reason++)
        {
            _rejects[reason] += counters.Rejects((RejectReason)reason);
        }
    }

    public void Add(ReaderTotals other)
    {
        Scheme = other.Scheme;
        Values += other.Values;
        Bytes += other.Bytes;
        Lost += other.Lost;
        Torn += other.Torn;
        Resets += other.Resets;
        for (var reason = 0; reason < Reasons; reason++)
        {
            _rejects[reason] += other._rejects[reason];
        }
    }
}
