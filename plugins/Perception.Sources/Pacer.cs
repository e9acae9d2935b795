namespace Omnisight.Perception;

/// <summary>
/// Ticks at a rate without drift: each tick is due one period after the one before was due, not after it came. A tick that comes late by whole
/// periods is one tick, and the periods are counted. The period may change at any time.
/// </summary>
internal sealed class Pacer(TimeProvider time)
{
    /// <summary>A change of a long period is noticed within this time.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(200);

    /// <summary>A timer that is told less than a millisecond does not sleep at all.</summary>
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);

    private long _due;
    private int _calls;

    /// <summary>Periods that passed without a tick.</summary>
    public long Skipped { get; private set; }

    /// <summary>Waits for the next tick; the first one comes at once.</summary>
    /// <param name="period">The period now; asked again while it waits.</param>
    /// <param name="stop">Ends the wait with OperationCanceledException.</param>
    public async ValueTask NextAsync(Func<TimeSpan> period, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (_calls == 0)
        {
            _calls = 1;
            return;
        }

        if (_calls == 1)
        {
            // The first frame's work includes what a program does once; the grid begins after it.
            _calls = 2;
            _due = time.GetTimestamp();
        }

        long ticks;
        while (true)
        {
            ticks = Math.Max(1, (long)(period().TotalSeconds * time.TimestampFrequency));
            var left = time.GetElapsedTime(time.GetTimestamp(), _due + ticks);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            var sleep = left < ShortestSleep ? ShortestSleep : left < LongestSleep ? left : LongestSleep;
            await Task.Delay(sleep, time, stop);
        }

        var late = (time.GetTimestamp() - _due - ticks) / ticks;
        Skipped += late;
        _due += ticks * (1 + late);
    }
}
