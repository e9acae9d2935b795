using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "channel '{Channel}': publishing at {Path}, {Slots} slots of {Capacity} bytes, epoch {Epoch:x16}")]
    public static partial void Publishing(ILogger logger, string channel, string path, int slots, int capacity, ulong epoch);

    [LoggerMessage(2, LogLevel.Information, "channel '{Channel}': closed")]
    public static partial void Closed(ILogger logger, string channel);

    [LoggerMessage(3, LogLevel.Warning, "channel '{Channel}': {Path} was removed or replaced; made it anew")]
    public static partial void Mended(ILogger logger, string channel, string path);

    [LoggerMessage(4, LogLevel.Error, "channel '{Channel}': {Path} was removed or replaced, and making it anew failed; trying again every 500 ms: {Reason}")]
    public static partial void MendFailed(ILogger logger, string channel, string path, string reason);

    [LoggerMessage(5, LogLevel.Warning, "channel '{Channel}': rejected {Rejection} (further ones of this kind within a minute are only counted)")]
    public static partial void Rejected(ILogger logger, string channel, Rejection rejection);

    [LoggerMessage(6, LogLevel.Error, "channel '{Channel}': refusing {Path}: {Rejection}; see who made it, then remove it or set Transport.Shm:TrustedUids")]
    public static partial void Refused(ILogger logger, string channel, string path, Rejection rejection);

    [LoggerMessage(15, LogLevel.Error, "channel '{Channel}': {Path} can't be opened: {Rejection}; give this process more (ulimit -n, LimitNOFILE, memory); it tries again by itself")]
    public static partial void Unreadable(ILogger logger, string channel, string path, Rejection rejection);

    [LoggerMessage(7, LogLevel.Error, "channel '{Channel}': {Count} frames rejected in a row, the last as {Rejection}; opening {Path} again (said once a minute)")]
    public static partial void Reopening(ILogger logger, string channel, string path, int count, Rejection rejection);

    [LoggerMessage(8, LogLevel.Warning, "channel '{Channel}': the named semaphore {Semaphore} can't be used: {Reason}; readers that wait on it see nothing, all others are unaffected")]
    public static partial void NoSemaphore(ILogger logger, string channel, string semaphore, string reason);

    [LoggerMessage(9, LogLevel.Information, "channel '{Channel}': the writer stopped")]
    public static partial void WriterStopped(ILogger logger, string channel);

    [LoggerMessage(10, LogLevel.Warning, "channel '{Channel}': a reader's continuation held the shared waiter for {Milliseconds} ms; the other readers got a new one. Do not block after WaitAsync")]
    public static partial void WaiterHeld(ILogger logger, string channel, long milliseconds);

    [LoggerMessage(11, LogLevel.Error, "channel '{Channel}': a reader's continuation threw")]
    public static partial void ContinuationThrew(ILogger logger, string channel, Exception exception);

    [LoggerMessage(12, LogLevel.Error, "the heartbeat failed; the next is in 500 ms")]
    public static partial void BeatFailed(ILogger logger, Exception exception);

    [LoggerMessage(13, LogLevel.Error, "channel '{Channel}': waiting for its frames failed; trying again")]
    public static partial void WaiterFailed(ILogger logger, string channel, Exception exception);

    [LoggerMessage(14, LogLevel.Error, "channel '{Channel}': another publisher has the channel, for the writer lock {Lock} was removed; this one publishes nothing until that one stops. Never remove that file")]
    public static partial void Superseded(ILogger logger, string channel, string @lock);
}
