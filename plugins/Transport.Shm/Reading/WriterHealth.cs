namespace Omnisight.Transport.Shm;

/// <summary>Tells a quiet writer from a dead one. Monotonic time only; wall time is never asked.</summary>
internal static class WriterHealth
{
    /// <summary>The writer beats every 500 ms: two beats missed and it can't be heard.</summary>
    private const long QuietNs = 1_250_000_000;

    /// <summary>Four beats missed and it is gone.</summary>
    public const long GoneNs = 2_000_000_000;

    /// <summary>A time further ahead than this was not written by a writer of this machine: it proves nothing.</summary>
    private const long AheadNs = 1_000_000_000;

    public static ReadStatus Judge(in RingControl control, RegionView view, in SampleInfo last, ChannelSpec channel, long now)
    {
        if (control.State == RegionState.Closed)
        {
            return ReadStatus.WriterStopped;
        }

        // A frame is a sign of life as good as a beat.
        var ownFrame = last.Sequence != 0 && last.Epoch == view.Header.Epoch;
        var silent = Math.Min(Age(control.HeartbeatMonoNs, now), ownFrame ? Age(last.PublishedMonoNs, now) : long.MaxValue);
        var age = last.Sequence == 0 ? long.MaxValue : Age(last.PublishedMonoNs, now);
        var threshold = Threshold(channel, view.Header.PeriodMs);
        if (silent > GoneNs || (age > threshold && !view.WriterMayBeAlive(now)))
        {
            return ReadStatus.WriterGone;
        }

        if (last.Sequence == 0)
        {
            return ReadStatus.NotReady;
        }

        return age <= threshold ? ReadStatus.Unchanged : silent > QuietNs ? ReadStatus.Stale : ReadStatus.Idle;
    }

    /// <summary>How long ago something was; endless when it lies in the future.</summary>
    public static long Age(long monoNs, long now) => monoNs < 0 || monoNs > now + AheadNs ? long.MaxValue : now - monoNs;

    private static long Threshold(ChannelSpec channel, uint periodMs)
    {
        var own = channel.StaleThreshold.Ticks * 100;
        return channel.Period > TimeSpan.Zero ? own : Math.Max(own, 3_000_000L * periodMs);
    }
}
