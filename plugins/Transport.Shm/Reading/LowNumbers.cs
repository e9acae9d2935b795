namespace Omnisight.Transport.Shm;

/// <summary>
/// Within an epoch numbers only grow, so a frame below the last one that was taken is dropped. A writer that nevertheless goes on below it never published that
/// one: somebody else wrote it, index and slot. Without this, one such frame would make a reader deaf until the writer starts again.
/// </summary>
internal struct LowNumbers
{
    /// <summary>Two beats: an index that was merely written over is right again after one.</summary>
    private const long LimitNs = 1_000_000_000;

    /// <summary>So many different ones, each above the one before: an index that was written over stands still.</summary>
    private const int Steps = 3;

    private ulong _newest;
    private int _steps;

    /// <summary>When the first of them was seen: what was published before is no sign of a writer that goes on.</summary>
    public long SinceNs { get; private set; }

    /// <summary>Notes an index below the last frame's number; true when it has gone on for long enough.</summary>
    public bool GoOn(ulong latest, long now)
    {
        if (_steps == 0 || latest < _newest)
        {
            (_newest, SinceNs, _steps) = (latest, now, 1);
        }
        else if (latest > _newest)
        {
            _newest = latest;
            _steps++;
        }

        return _steps >= Steps && now - SinceNs > LimitNs;
    }

    public void End() => _steps = 0;
}
