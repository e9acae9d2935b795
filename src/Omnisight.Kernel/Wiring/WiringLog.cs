using Microsoft.Extensions.Logging;

namespace Omnisight.Kernel.Wiring;

internal static partial class WiringLog
{
    [LoggerMessage(EventId = 400, Level = LogLevel.Warning, Message = "transport '{Scheme}' can't list its channels, which are left out: {Reason}")]
    public static partial void ListingFailed(this ILogger logger, string scheme, string reason);

    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "runtime directory {Directory}: that of the writer of channel '{Channel}' (pid {Pid})")]
    public static partial void DirectoryFollowed(this ILogger logger, string directory, string channel, int pid);

    [LoggerMessage(EventId = 402, Level = LogLevel.Warning, Message = "the writer of channel '{Channel}' (pid {Pid}) keeps its files elsewhere, so that its commands and documents are out of reach here: {Reason}")]
    public static partial void DirectoryOfOthers(this ILogger logger, string channel, int pid, string reason);

    [LoggerMessage(EventId = 403, Level = LogLevel.Warning, Message = "this process runs beside the core: {Reason}. Commands:Serve=false says that this is meant, Commands:Serve=true makes it insist")]
    public static partial void NotTheCore(this ILogger logger, string reason);
}
