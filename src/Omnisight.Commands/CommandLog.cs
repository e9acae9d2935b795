using Microsoft.Extensions.Logging;

namespace Omnisight.Commands;

internal static partial class CommandLog
{
    [LoggerMessage(1, LogLevel.Warning, "command {Type} refused as {Code}: {Message} ({Suppressed} more of this kind in the last minute were not logged)")]
    public static partial void Rejected(ILogger logger, string code, string type, string message, long suppressed);

    [LoggerMessage(2, LogLevel.Warning, "acknowledgement for {ReplyTo} dropped: {Result} ({Suppressed} more in the last minute were not logged)")]
    public static partial void AckDropped(ILogger logger, string replyTo, PublishResult result, long suppressed);

    [LoggerMessage(3, LogLevel.Error, "the handler of {Type} failed")]
    public static partial void HandlerFailed(ILogger logger, string type, Exception fault);

    [LoggerMessage(4, LogLevel.Error, "audit log {Path} can't be written; commands go on unrecorded")]
    public static partial void AuditFailed(ILogger logger, string path, Exception fault);

    [LoggerMessage(7, LogLevel.Warning, "audit log {Path} is full and can't be rotated; it grows on")]
    public static partial void AuditNotRotated(ILogger logger, string path, Exception fault);

    [LoggerMessage(8, LogLevel.Error, "the keys are those of before, no change is taken up: {Reason}")]
    public static partial void KeysRefused(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Warning, "a line in the acknowledgement inbox was ignored: {Reason}")]
    public static partial void AckUnreadable(ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Error, "a command could not be answered; the others go on")]
    public static partial void LineFailed(ILogger logger, Exception fault);
}
