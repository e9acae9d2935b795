using System.Threading.Tasks.Sources;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>"Look again" for one waiter: signals coalesce, waiting allocates nothing. The waiter goes on from a <see cref="WakeQueue"/>.</summary>
internal sealed class Wake : IValueTaskSource
{
    private const int Idle = 0, Signalled = 1, Waiting = 2;
    private readonly WakeQueue _queue = WakeQueue.Next();
    private ManualResetValueTaskSourceCore<bool> _source;
    private int _state;

    public void Signal()
    {
        // Signalled stays signalled; a waiter is released exactly once because only one signal can take Waiting away.
        if (Interlocked.CompareExchange(ref _state, Signalled, Idle) == Waiting && Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting)
        {
            _queue.Add(this);
        }
    }

    /// <summary>For the queue: what waits goes on, on this thread.</summary>
    public void GoOn() => _source.SetResult(true);

    /// <summary>Completes at the next signal, at once when there was one since the last wait. One waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled)
        {
            return ValueTask.CompletedTask;
        }

        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
        {
            return new ValueTask(this, _source.Version);
        }

        _ = Interlocked.Exchange(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
