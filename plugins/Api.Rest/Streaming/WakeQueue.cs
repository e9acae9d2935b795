using System.Collections.Concurrent;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>
/// Lets those who were woken go on, one after the other, away from the thread that signals. There is one for each core, so that a value for a thousand
/// clients costs a few work items instead of a thousand (as Kestrel's IOQueue does for its sockets). Thread-safe.
/// </summary>
internal sealed class WakeQueue : IThreadPoolWorkItem
{
    private static readonly WakeQueue[] Queues = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new WakeQueue())];
    private static uint _given;

    private readonly ConcurrentQueue<Wake> _woken = new();
    private int _working;

    /// <summary>The queue for one more client.</summary>
    public static WakeQueue Next() => Queues[Interlocked.Increment(ref _given) % Queues.Length];

    public void Add(Wake wake)
    {
        _woken.Enqueue(wake);
        if (Interlocked.CompareExchange(ref _working, 1, 0) == 0)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    public void Execute()
    {
        do
        {
            while (_woken.TryDequeue(out var wake))
            {
                wake.GoOn();
            }

            // Full barrier: whoever adds either sees that nobody works any more, or is seen here.
            _ = Interlocked.Exchange(ref _working, 0);
        }
        while (!_woken.IsEmpty && Interlocked.CompareExchange(ref _working, 1, 0) == 0);
    }
}
