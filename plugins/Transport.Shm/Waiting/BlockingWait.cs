using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Omnisight.Transport.Shm;

/// <summary>A wait on the caller's own thread: the shortest way from a publish to its reader.</summary>
internal readonly unsafe struct BlockingWait(ShmReader reader, Clock clock, int spinMicroseconds)
{
    /// <summary>A wake that got lost (the writer died between store and wake) costs at most this.</summary>
    private const long SliceNs = 100_000_000;

    private static readonly TimeSpan Unwaitable = TimeSpan.FromMilliseconds(1);

    private enum Next
    {
        Over,
        News,
        Sleep,
    }

    public bool Until(long deadline)
    {
        // What follows the call is all that stands between a wake and its reader, and the sleep has made it cold: the rest is elsewhere.
        Next next;
        while ((next = Look(deadline, out var word, out var expected, out var time)) == Next.Sleep)
        {
            var error = Native.FutexWait(word, expected, time);
            if (error == 0 || IsWorthALook(error))
            {
                // Whoever wakes has stored something first; what it is, the read finds out.
                return true;
            }
        }

        return next == Next.News;
    }

    /// <summary>Is there news, or a word to sleep on, and for how long?</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Next Look(long deadline, out uint* word, out uint expected, out TimeSpan time)
    {
        word = null;
        expected = 0;
        time = default;
        while (!reader.IsDisposed)
        {
            var now = clock.NowNs();
            if (now >= reader.Region.NextCheckNs)
            {
                _ = reader.Maintain(now);
            }

            if (reader.HasNews(out var control))
            {
                return Next.News;
            }

            if (now >= deadline)
            {
                return Next.Over;
            }

            var slice = Math.Min(Math.Min(SliceNs, deadline - now), Math.Max(1_000_000, reader.Region.NextCheckNs - now));
            if (reader.Region.View is not { } view)
            {
                reader.Pause(TimeSpan.FromTicks(slice / 100));
            }
            else if (spinMicroseconds > 0 && Spin())
            {
                return Next.News;
            }
            else
            {
                Fault.Hit("wait.before_sleep");
                word = view.Notify;
                expected = control.Notify;
                time = TimeSpan.FromTicks(slice / 100);
                return Next.Sleep;
            }
        }

        return Next.Over;
    }

    /// <summary>After a sleep that nobody ended.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsWorthALook(int error)
    {
        switch (error)
        {
            case Native.Eagain or Native.Eintr or Native.Etimedout:
                return false;
            case Native.Efault:
                // The file shrank. The check takes it off without touching it. Not at full speed: somebody may do that all the time.
                reader.Pause(Unwaitable);
                _ = reader.Maintain(clock.NowNs());
                return true;
            default:
                // A kernel or a sandbox that refuses the call: look from time to time instead of spinning.
                reader.Pause(Unwaitable);
                return false;
        }
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
