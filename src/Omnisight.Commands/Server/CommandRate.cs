namespace Omnisight.Commands;

/// <summary>At most so many commands in any one second: the times of the last ones, in a ring. Owned by one loop.</summary>
internal sealed class CommandRate(int perSecond, TimeProvider time)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly long[] _taken = new long[perSecond];
    private int _next, _count;

    /// <summary>Takes one of this second's places; false when there is none.</summary>
    public bool TryTake()
    {
        if (perSecond == 0)
        {
            return true;
        }

        var now = time.GetTimestamp();
        if (_count == perSecond && time.GetElapsedTime(_taken[_next], now) < Second)
        {
            return false;
        }

        _taken[_next] = now;
        _next = (_next + 1) % perSecond;
        _count = Math.Min(_count + 1, perSecond);
        return true;
    }
}
