using Microsoft.Extensions.Logging;

namespace Omnisight.Kernel.Core;

internal static partial class CoreLog
{
    [LoggerMessage(EventId = 300, Level = LogLevel.Error, Message = "the node's documents could not be published")]
    public static partial void DocumentsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "this process has modules that publish, but no transport for channel '{Channel}': {Reason}")]
    public static partial void NoTransport(this ILogger logger, string channel, string reason);

    [LoggerMessage(EventId = 302, Level = LogLevel.Error, Message = "the command server ended")]
    public static partial void CommandServerEnded(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 303, Level = LogLevel.Information, Message = "SHUTDOWN received (request {RequestId})")]
    public static partial void ShutdownReceived(this ILogger logger, string requestId);

    [LoggerMessage(EventId = 304, Level = LogLevel.Warning, Message = "closing {Part} failed")]
    public static partial void CloseFailed(this ILogger logger, string part, Exception exception);
}
