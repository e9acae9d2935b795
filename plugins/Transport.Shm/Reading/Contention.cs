namespace Omnisight.Transport.Shm;

/// <summary>A frame that could not be taken, and since when.</summary>
internal struct Contention
{
    /// <summary>A slot that does not become readable in this time never will.</summary>
    private const long LimitNs = 200_000_000;

    private ulong _sequence;
    private long _sinceNs;

    public bool IsHopeless(ulong sequence, long now)
    {
        if (_sequence != sequence)
        {
            (_sequence, _sinceNs) = (sequence, now);
        }

        return now - _sinceNs > LimitNs;
    }

    public void End() => _sequence = 0;
}
