using Microsoft.Extensions.Logging;

namespace Omnisight.Kernel.Core;

internal static partial class CoreLog
{
    [LoggerMessage(EventId = 300, Level = LogLevel.Error, Message = "the document '{Document}' could not be published")]
    public static partial void DocumentFailed(this ILogger logger, string document, Exception exception);

    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "this process has modules that publish, but no transport for channel '{Channel}': {Reason}")]
    public static partial void NoTransport(this ILogger logger, string channel, string reason);

    [LoggerMessage(EventId = 302, Level = LogLevel.Error, Message = "the command server failed; it starts again in {Seconds:0} s")]
    public static partial void CommandServerFailed(this ILogger logger, double seconds, Exception exception);

    [LoggerMessage(EventId = 303, Level = LogLevel.Information, Message = "SHUTDOWN received (request {RequestId})")]
    public static partial void ShutdownReceived(this ILogger logger, string requestId);

    [LoggerMessage(EventId = 305, Level = LogLevel.Warning, Message = "channel '{Channel}': {Count} values could not be published since the last message; the transport's log or 'omnisight channels list' says why (a value may be larger than the channel takes)")]
    public static partial void ValuesLost(this ILogger logger, string channel, long count);

    [LoggerMessage(EventId = 304, Level = LogLevel.Warning, Message = "closing {Part} failed")]
    public static partial void CloseFailed(this ILogger logger, string part, Exception exception);
}
