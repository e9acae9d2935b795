using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Omnisight.PeerProcess;

/// <summary>What a host would give the transport.</summary>
internal sealed class PeerContext(string pluginId, string instance, string directory, params object[] options) : IPluginContext
{
    public string PluginId => pluginId;

    public string Instance => instance;

    public string RuntimeDirectory => directory;

    public ILoggerFactory Loggers => NullLoggerFactory.Instance;

    public TimeProvider Time => TimeProvider.System;

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new Fixed<T>(options.OfType<T>().FirstOrDefault() ?? new T());

    private sealed record Fixed<T>(T Current) : ILiveOptions<T>;
}
