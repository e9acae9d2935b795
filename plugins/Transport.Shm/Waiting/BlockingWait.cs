using System.Diagnostics;

namespace Omnisight.Transport.Shm;

/// <summary>A wait on the caller's own thread: the shortest way from a publish to its reader.</summary>
internal readonly unsafe struct BlockingWait(ShmReader reader, Clock clock, int spinMicroseconds)
{
    /// <summary>A wake that got lost (the writer died between store and wake) costs at most this.</summary>
    private const long SliceNs = 100_000_000;

    private static readonly TimeSpan Unwaitable = TimeSpan.FromMilliseconds(1);

    public bool Until(long deadline)
    {
        while (!reader.IsDisposed)
        {
            var now = clock.NowNs();
            if (now >= reader.Region.NextCheckNs)
            {
                _ = reader.Maintain(now);
            }

            if (reader.HasNews(out var control))
            {
                return true;
            }

            if (now >= deadline)
            {
                return false;
            }

            var slice = Math.Min(Math.Min(SliceNs, deadline - now), Math.Max(1_000_000, reader.Region.NextCheckNs - now));
            if (reader.Region.View is not { } view)
            {
                reader.Pause(TimeSpan.FromTicks(slice / 100));
            }
            else if (spinMicroseconds <= 0 || !Spin())
            {
                Fault.Hit("wait.before_sleep");
                switch (Native.FutexWait(view.Notify, control.Notify, TimeSpan.FromTicks(slice / 100)))
                {
                    case 0:
                        // Whoever wakes has stored something first; what it is, the read finds out.
                        return true;
                    case Native.Efault:
                        // The file shrank. The check takes it off without touching it. Not at full speed: somebody may do that all the time.
                        reader.Pause(Unwaitable);
                        _ = reader.Maintain(clock.NowNs());
                        return true;
                    case Native.Eagain or Native.Eintr or Native.Etimedout:
                        break;
                    default:
                        // A kernel or a sandbox that refuses the call: look from time to time instead of spinning.
                        reader.Pause(Unwaitable);
                        break;
                }
            }
        }

        return false;
    }

    private bool Spin()
    {
        var until = Stopwatch.GetTimestamp() + (spinMicroseconds * 1000L);
        do
        {
            if (reader.HasNews())
            {
                return true;
            }
        }
        while (Stopwatch.GetTimestamp() < until);
        return false;
    }
}
