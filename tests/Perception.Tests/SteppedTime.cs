using Microsoft.Extensions.Time.Testing;

namespace Perception.Tests;

/// <summary>A clock that knows whether anybody waits for it, so that it is moved only while the module under test has nothing else to do.</summary>
internal sealed class SteppedTime : FakeTimeProvider
{
    private int _waiting;

    public SteppedTime()
        : base(DateTimeOffset.UnixEpoch.AddDays(20000))
    {
    }

    public bool IsAwaited => Volatile.Read(ref _waiting) > 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new CountedTimer(this, base.CreateTimer(callback, state, dueTime, period));
        Interlocked.Increment(ref _waiting);
        return timer;
    }

    private sealed class CountedTimer(SteppedTime time, ITimer timer) : ITimer
    {
        private int _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                Interlocked.Decrement(ref time._waiting);
                timer.Dispose();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
