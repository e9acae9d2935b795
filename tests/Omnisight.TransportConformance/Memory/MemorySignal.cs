namespace Omnisight.TransportConformance;

/// <summary>Wakes those who wait for something new, as a thread or as a task. A wake means "look again".</summary>
internal sealed class MemorySignal
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _tasks = [];
    private readonly SemaphoreSlim _threads = new(0);
    private int _blocked;
    private long _version;

    public long Version => Volatile.Read(ref _version);

    public void Wake()
    {
        lock (_gate)
        {
            _version++;
            foreach (var task in _tasks)
            {
                task.TrySetResult();
            }

            _tasks.Clear();
            if (_blocked > 0)
            {
                _threads.Release(_blocked);
                _blocked = 0;
            }
        }
    }

    /// <summary>Waits until the version is another than the one that was seen, about a second at most.</summary>
    public async Task WaitAsync(long seen, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_version != seen)
            {
                return;
            }

            _tasks.Add(source);
        }

        try
        {
            await source.Task.WaitAsync(LongestWait, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nothing new: the caller looks again all the same.
        }
        finally
        {
            lock (_gate)
            {
                _tasks.Remove(source);
            }
        }
    }

    /// <summary>Blocks until the version is another; false after the timeout.</summary>
    public bool Wait(long seen, TimeSpan timeout)
    {
        lock (_gate)
        {
            if (_version != seen)
            {
                return true;
            }

            _blocked++;
        }

        if (_threads.Wait(timeout))
        {
            return true;
        }

        lock (_gate)
        {
            _blocked = Math.Max(0, _blocked - 1);
        }

        return false;
    }
}
