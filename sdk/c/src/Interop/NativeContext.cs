using Microsoft.Extensions.Logging;

namespace Omnisight.Sdk;

/// <summary>What the transports are given by this host: fixed options, a log that goes to the program's callback.</summary>
internal sealed class NativeContext(string pluginId, string instance, string runtimeDirectory, object options) : IPluginContext
{
    public string PluginId => pluginId;

    public string Instance => instance;

    public string RuntimeDirectory => runtimeDirectory;

    public ILoggerFactory Loggers => CallbackLoggerFactory.Instance;

    public TimeProvider Time => TimeProvider.System;

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new FixedOptions<T>(options as T ?? new T());

    private sealed class FixedOptions<T>(T current) : ILiveOptions<T>
    {
        public T Current => current;
    }
}
