namespace Omnisight.Sdk;

/// <summary>Lets one callback of a server run at a time, and none any more once it is closed: its program may have freed what the callback needs.</summary>
internal sealed class CallbackGate
{
    /// <summary>Held while a callback runs.</summary>
    public Lock OneAtATime { get; } = new();

    /// <summary>Look with the lock held.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Waits for the callback that runs, unless it is the caller's own.</summary>
    public void Close()
    {
        lock (OneAtATime)
        {
            IsClosed = true;
        }
    }
}
