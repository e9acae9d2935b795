namespace Omnisight.Transport.Shm;

/// <summary>
/// The thread that says twice a second that this process lives, mends what was removed, and watches the waiters. A thread and not a pool
/// timer: a starved pool must not make live writers look dead.
/// </summary>
internal sealed class Heartbeat(Action everyBeat, Action<Exception> failed) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly Lock _change = new();

    /// <summary>Without spinning before it sleeps: twice a second for ever, that was most of what a beat costs.</summary>
    private readonly ManualResetEventSlim _stop = new(initialState: false, spinCount: 0);
    private ShmPublisher[] _publishers = [];
    private Thread? _thread;

    public IReadOnlyList<ShmPublisher> Publishers => Volatile.Read(ref _publishers);

    public void Add(ShmPublisher publisher)
    {
        lock (_change)
        {
            _publishers = [.. _publishers, publisher];
        }

        Start();
    }

    public void Remove(ShmPublisher publisher)
    {
        lock (_change)
        {
            _publishers = [.. _publishers.Where(p => p != publisher)];
        }
    }

    public void Start()
    {
        lock (_change)
        {
            if (_thread is null && !_stop.IsSet)
            {
                var thread = new Thread(Run) { IsBackground = true, Name = "shm heartbeat", Priority = ThreadPriority.AboveNormal };
                thread.Start();
                _thread = thread;
            }
        }
    }

    public void Dispose()
    {
        _stop.Set();
        Thread? thread;
        lock (_change)
        {
            thread = _thread;
        }

        thread?.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.Wait(Period))
        {
            foreach (var publisher in Publishers)
            {
                Guarded(publisher.Beat);
            }

            Guarded(everyBeat);
        }
    }

    /// <summary>The thread is everybody's sign of life: one publisher that failed must end neither it nor the beats of the others.</summary>
    private void Guarded(Action beat)
    {
        try
        {
            beat();
        }
        catch (Exception e)
        {
            try
            {
                failed(e);
            }
            catch (Exception)
            {
                // A log that throws as well: nobody is left who could be told.
            }
        }
    }
}
