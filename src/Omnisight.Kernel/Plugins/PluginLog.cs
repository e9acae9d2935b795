using Microsoft.Extensions.Logging;

namespace Omnisight.Kernel.Plugins;

internal static partial class PluginLog
{
    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "plugin {Plugin} {Version} active: {Provides}")]
    public static partial void Loaded(this ILogger logger, string plugin, string version, string provides);

    [LoggerMessage(EventId = 101, Level = LogLevel.Error, Message = "plugin {Plugin} is {State}: {Reason}")]
    public static partial void Refused(this ILogger logger, string plugin, string state, string reason);

    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "plugin {Plugin} was reloaded: version {Version}, {Milliseconds:0} ms without it")]
    public static partial void Reloaded(this ILogger logger, string plugin, string version, double milliseconds);

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "unload_failed: plugin {Plugin}: {Reason}")]
    public static partial void UnloadFailed(this ILogger logger, string plugin, string reason);

    [LoggerMessage(EventId = 104, Level = LogLevel.Critical, Message = "plugin {Plugin} brought the process down: {Exception}")]
    public static partial void Blamed(this ILogger logger, string plugin, string exception);

    [LoggerMessage(EventId = 105, Level = LogLevel.Warning, Message = "disposing of plugin {Plugin} failed: {Reason}")]
    public static partial void DisposeFailed(this ILogger logger, string plugin, string reason);
}
