using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>The waiters of a process, one for each channel that is waited for.</summary>
internal sealed class WaiterRegistry(RegionTrust trust, Clock clock, ILogger logger, Action started)
{
    private readonly Lock _change = new();
    private readonly Dictionary<string, ChannelWaiter> _waiters = [];

    public AsyncWait Register(ShmReader reader)
    {
        lock (_change)
        {
            var path = reader.Region.Path;
            if (!_waiters.TryGetValue(path, out var waiter))
            {
                var region = new RegionAttachment(path, trust, "", map: false);
                _waiters[path] = waiter = new ChannelWaiter(reader.Channel.Name.Value, region, clock, logger);
            }

            var wait = new AsyncWait(reader, waiter);
            started();
            waiter.Add(wait);
            return wait;
        }
    }

    public void Unregister(AsyncWait wait)
    {
        bool wasLast;
        lock (_change)
        {
            wasLast = wait.Waiter.Remove(wait);
            if (wasLast)
            {
                foreach (var key in _waiters.Where(w => w.Value == wait.Waiter).Select(w => w.Key).ToArray())
                {
                    _ = _waiters.Remove(key);
                }
            }
        }

        wait.End();
        if (wasLast)
        {
            wait.Waiter.Stop();
        }
    }

    public void CheckHeld()
    {
        ChannelWaiter[] waiters;
        lock (_change)
        {
            waiters = [.. _waiters.Values];
        }

        foreach (var waiter in waiters)
        {
            waiter.CheckHeld();
        }
    }
}
