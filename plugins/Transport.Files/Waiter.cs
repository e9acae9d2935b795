using System.Threading.Tasks.Sources;

namespace Omnisight.Transport.Files;

/// <summary>What a reader's loop waits on: one waiter at a time, woken by the poll loop. Allocates nothing per wait.</summary>
internal sealed class Waiter : IValueTaskSource<bool>
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private long _since;
    private bool _waiting;
    private bool _signalled;
    private bool _closed;

    /// <summary>Completes at the next <see cref="Signal"/>, or at once when one came since the last wait. False once closed.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        short version;
        lock (_gate)
        {
            if (_closed || _signalled)
            {
                _signalled = false;
                return new ValueTask<bool>(!_closed);
            }

            _core.Reset();
            _waiting = true;
            _since = MonotonicClock.NowNs();
            _token = cancellationToken;
            version = _core.Version;
        }

        _cancellation = cancellationToken.UnsafeRegister(static state => ((Waiter)state!).Cancel(), this);
        return new ValueTask<bool>(this, version);
    }

    /// <summary>Wakes the waiter, or the next one.</summary>
    public void Signal()
    {
        lock (_gate)
        {
            _signalled = !_waiting;
            if (!_waiting)
            {
                return;
            }

            _waiting = false;
        }

        _core.SetResult(!_closed);
    }

    /// <summary>Wakes a waiter that has waited this long.</summary>
    public void Expire(long olderThanNs)
    {
        if (_waiting && MonotonicClock.NowNs() - _since >= olderThanNs)
        {
            Signal();
        }
    }

    /// <summary>Wakes the waiter for good.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        Signal();
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _cancellation.Dispose();
        return _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        lock (_gate)
        {
            if (!_waiting)
            {
                return;
            }

            _waiting = false;
        }

        _core.SetException(new OperationCanceledException(_token));
    }
}
