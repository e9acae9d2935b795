using System.Threading.Tasks.Sources;

namespace Omnisight.Transport.Shm;

/// <summary>One reader's asynchronous wait, used again and again: no allocation, no thread of its own.</summary>
internal sealed class AsyncWait(ShmReader reader, ChannelWaiter waiter) : IValueTaskSource<bool>
{
    private const int Idle = 0, Armed = 1;

    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private int _state;
    private int _hint;

    public ChannelWaiter Waiter => waiter;

    /// <summary>What the reader had when it began to wait.</summary>
    public SeenFrames Seen { get; private set; }

    public RegionState SeenState { get; private set; }

    public long DeadlineNs { get; private set; }

    /// <summary>When the waiter may send the reader to look for another region again.</summary>
    public long NextHintNs { get; set; }

    /// <summary>What its reader had, and what it was told of, when it was sent to look the last time.</summary>
    public (SeenFrames Seen, ulong Latest) Told { get; set; }

    public bool IsArmed => Volatile.Read(ref _state) == Armed;

    public ValueTask<bool> Arm(in SeenFrames seen, RegionState state, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<bool>(cancellationToken);
        }

        _core.Reset();
        _core.RunContinuationsAsynchronously = false;
        (Seen, SeenState) = (seen, state);
        DeadlineNs = waiter.NewDeadline();
        _token = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static wait => ((AsyncWait)wait!).Cancel(), this);
        var task = new ValueTask<bool>(this, _core.Version);
        Interlocked.Exchange(ref _state, Armed);

        // What came between the caller's look and the arming would not wake it.
        if (cancellationToken.IsCancellationRequested)
        {
            Cancel();
        }
        else if (reader.HasNews())
        {
            _ = TryComplete(true);
        }
        else if (reader.IsDisposed)
        {
            _ = TryComplete(false);
        }
        else
        {
            waiter.Notice();
        }

        return task;
    }

    public bool TryComplete(bool result)
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Armed) != Armed)
        {
            return false;
        }

        _core.SetResult(result);
        return true;
    }

    /// <summary>The reader was disposed: its loop goes on, but not on the thread of whoever disposes it.</summary>
    public void End()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Armed) == Armed)
        {
            _core.RunContinuationsAsynchronously = true;
            _core.SetResult(false);
        }
    }

    /// <summary>Ends the wait and lets the reader look for another region first thing.</summary>
    public void CompleteWithHint()
    {
        Volatile.Write(ref _hint, 1);
        _ = TryComplete(true);
    }

    public bool TakeHint()
    {
        if (Volatile.Read(ref _hint) == 0)
        {
            return false;
        }

        Volatile.Write(ref _hint, 0);
        return true;
    }

    public bool GetResult(short token)
    {
        // Not Unregister: a cancellation that is under way must be over, or it would end the next wait.
        _cancellation.Dispose();
        _cancellation = default;
        return _core.GetResult(token);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Armed) == Armed)
        {
            // Not on the thread of whoever cancels.
            _core.RunContinuationsAsynchronously = true;
            _core.SetException(new OperationCanceledException(_token));
        }
    }
}
