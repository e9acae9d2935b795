namespace Omnisight.Commands;

/// <summary>A point in monotonic time.</summary>
internal readonly struct Deadline(TimeProvider time, TimeSpan timeout)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Left
    {
        get
        {
            var left = timeout - time.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public bool IsOver => Left == TimeSpan.Zero;

    /// <summary>The given time, or what is left if that is less.</summary>
    public TimeSpan Limit(TimeSpan longest) => Left < longest ? Left : longest;
}
