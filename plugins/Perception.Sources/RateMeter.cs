namespace Omnisight.Perception;

/// <summary>What a source of frames measures about itself, reported once a second.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _since = time.GetTimestamp();
    private long _frames;
    private double _workMs;

    /// <summary>The source has nothing more to say for now: its rate is 0, not that of its last second.</summary>
    public static void Pause(IModuleContext context)
    {
        context.Report("perception", "fps", 0);
        context.Report("perception", "objects_tracked", 0);
    }

    /// <summary>Counts from now on: the pause before was no slow frame.</summary>
    public void Resume() => (_since, _frames, _workMs) = (time.GetTimestamp(), 0, 0);

    /// <summary>Counts one frame, whose work began at the given timestamp.</summary>
    public void Report(IModuleContext context, long began, int objects, long dropped)
    {
        var now = time.GetTimestamp();
        _frames++;
        _workMs += time.GetElapsedTime(began, now).TotalMilliseconds;
        var elapsed = time.GetElapsedTime(_since, now);
        if (elapsed < Interval)
        {
            return;
        }

        context.Report("perception", "fps", _frames / elapsed.TotalSeconds);
        context.Report("perception", "avg_inference_ms", _workMs / _frames);
        context.Report("perception", "objects_tracked", objects);
        context.Report("perception", "dropped_frames", dropped);
        (_since, _frames, _workMs) = (now, 0, 0);
    }
}
