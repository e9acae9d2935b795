namespace Omnisight;

/// <summary>A reader that can wait on the caller's own thread, for the lowest latency.</summary>
public interface IBlockingReader : IReader
{
    /// <summary>Blocks until there may be something new; at once while a value or message is there that was not read. False after the timeout.</summary>
    bool Wait(TimeSpan timeout);
}
