namespace Omnisight.Transport.Shm;

/// <summary>How a reader waits: on its caller's thread, or with all others of its channel on one.</summary>
internal partial class ShmReader
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    /// <summary>How long before a look at its region is due a reader that is about to wait looks: half of what lies between two.</summary>
    private const long EarlyNs = 250_000_000;

    [ThreadStatic]
    private static bool _hasShortSlices;

    public bool Wait(TimeSpan timeout)
    {
        if (!TryEnter())
        {
            return false;
        }

        try
        {
            if (_options.ShortSlices && !_hasShortSlices)
            {
                _hasShortSlices = true;
                Native.AskForShortSlices();
            }

            var now = _clock.NowNs();
            return _hasWaited = new BlockingWait(this, _clock, _options.SpinMicroseconds).Until(now + (timeout == Timeout.InfiniteTimeSpan ? MaxWait : timeout < MaxWait ? timeout : MaxWait).Ticks * 100);
        }
        finally
        {
            Exit();
        }
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (!TryEnter())
        {
            return new ValueTask<bool>(false);
        }

        try
        {
            _hasWaited = false;
            _wait ??= _waiters.Register(this);
            if (_wait.IsArmed)
            {
                throw new InvalidOperationException("a reader belongs to one loop: it waits already");
            }

            if (_region.View is not null && _clock.CoarseNs() >= _region.NextCheckNs - EarlyNs)
            {
                // Now, and not between the next wake and its frame.
                _ = Maintain(_clock.NowNs());
            }

            return HasNews() ? new ValueTask<bool>(true) : _wait.Arm(_seen, _judgedState, cancellationToken);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Sleeps where there is no region to sleep on; returns early when the reader is disposed.</summary>
    internal void Pause(TimeSpan time) => _disposed.Wait(time);

    /// <summary>
    /// Is there something this reader has not been told? With <paramref name="control"/> to sleep on when there is not: the latest that is looked at is the one
    /// read after that notify; an earlier look could miss a whole publish and sleep through it.
    /// </summary>
    internal bool HasNews(out RingControl control)
    {
        control = default;
        return _region.View is { } view
            && (!view.Ring.TryReadForWait(out control) || _seen.IsNewsIn(view, control.Latest) || (control.State == RegionState.Closed && _judgedState != RegionState.Closed));
    }

    internal bool HasNews() => HasNews(out _);
}
