using Microsoft.Extensions.Logging;

namespace Omnisight.Kernel.Supervision;

internal static partial class SupervisionLog
{
    [LoggerMessage(EventId = 200, Level = LogLevel.Information, Message = "module {Module} runs")]
    public static partial void Runs(this ILogger logger, string module);

    [LoggerMessage(EventId = 201, Level = LogLevel.Error, Message = "module {Module} {Reason}; next try in {Seconds:0} s")]
    public static partial void Failed(this ILogger logger, string module, string reason, double seconds);

    [LoggerMessage(EventId = 202, Level = LogLevel.Warning, Message = "module {Module} did not stop within {Seconds:0} s and is left behind")]
    public static partial void Abandoned(this ILogger logger, string module, double seconds);

    [LoggerMessage(EventId = 203, Level = LogLevel.Warning, Message = "module {Module} was stopped and failed at it: {Reason}")]
    public static partial void FailedAtStop(this ILogger logger, string module, string reason);

    [LoggerMessage(EventId = 204, Level = LogLevel.Warning, Message = "disposing of {What} of module {Module} failed: {Reason}")]
    public static partial void DisposeFailed(this ILogger logger, string what, string module, string reason);

    [LoggerMessage(EventId = 206, Level = LogLevel.Error, Message = "module {Module} {Reason}")]
    public static partial void Late(this ILogger logger, string module, string reason);

    [LoggerMessage(EventId = 205, Level = LogLevel.Debug, Message = "module {Module} failed here")]
    public static partial void FailedHere(this ILogger logger, string module, Exception exception);
}
