using Microsoft.Extensions.Logging;

namespace Omnisight.Kernel.Plugins;

internal static partial class PluginLog
{
    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "plugin {Plugin} {Version} active: {Provides}")]
    public static partial void Loaded(this ILogger logger, string plugin, string version, string provides);

    [LoggerMessage(EventId = 101, Level = LogLevel.Error, Message = "plugin {Plugin} is {State}: {Reason}")]
    public static partial void Refused(this ILogger logger, string plugin, string state, string reason);

    [LoggerMessage(EventId = 108, Level = LogLevel.Information, Message = "plugin {Plugin} is disabled: {Reason}")]
    public static partial void Disabled(this ILogger logger, string plugin, string reason);

    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "plugin {Plugin} was reloaded: version {Version}, {Milliseconds:0} ms without it")]
    public static partial void Reloaded(this ILogger logger, string plugin, string version, double milliseconds);

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "unload_failed: plugin {Plugin}: {Reason}")]
    public static partial void UnloadFailed(this ILogger logger, string plugin, string reason);

    [LoggerMessage(EventId = 104, Level = LogLevel.Critical, Message = "plugin {Plugin} brought the process down: {Exception}")]
    public static partial void Blamed(this ILogger logger, string plugin, string exception);

    [LoggerMessage(EventId = 106, Level = LogLevel.Warning, Message = "plugin {Plugin} exports what its plugin.json does not list, so tools pass it over: add to \"provides\": {Provides}")]
    public static partial void NotPromised(this ILogger logger, string plugin, string provides);

    [LoggerMessage(EventId = 107, Level = LogLevel.Error, Message = "plugin {Plugin} was not reloaded and runs on as it was: {Reason}")]
    public static partial void ReloadRefused(this ILogger logger, string plugin, string reason);

    [LoggerMessage(EventId = 105, Level = LogLevel.Warning, Message = "disposing of plugin {Plugin} failed: {Reason}")]
    public static partial void DisposeFailed(this ILogger logger, string plugin, string reason);
}
