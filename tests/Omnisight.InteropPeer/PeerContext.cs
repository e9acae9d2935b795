using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Omnisight.InteropPeer;

/// <summary>Hosts a transport without the kernel.</summary>
internal sealed class PeerContext(string instance, string directory, object options) : IPluginContext
{
    public string PluginId => "interop";

    public string Instance => instance;

    public string RuntimeDirectory => directory;

    public ILoggerFactory Loggers => NullLoggerFactory.Instance;

    public TimeProvider Time => TimeProvider.System;

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new Fixed<T>(options as T ?? new T());

    private sealed class Fixed<T>(T current) : ILiveOptions<T>
    {
        public T Current => current;
    }
}
