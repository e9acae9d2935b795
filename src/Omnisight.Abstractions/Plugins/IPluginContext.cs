using Microsoft.Extensions.Logging;

namespace Omnisight;

/// <summary>What the host gives every plugin. Import it in the constructor of an exported part:
/// <c>[ImportingConstructor] public MyTransport(IPluginContext context)</c>. Thread-safe.</summary>
public interface IPluginContext
{
    /// <summary>The plugin's id, which is also the name of its configuration section.</summary>
    string PluginId { get; }

    /// <summary>The instance, <c>[a-z0-9-]{1,31}</c>: the prefix of every name it makes.</summary>
    string Instance { get; }

    /// <summary>Where the instance keeps FIFOs, JSON files, keys; absolute, exists, 0750 or stricter.</summary>
    string RuntimeDirectory { get; }

    /// <summary>Loggers, under the plugin's id.</summary>
    ILoggerFactory Loggers { get; }

    /// <summary>The clock.</summary>
    TimeProvider Time { get; }

    /// <summary>The plugin's options, bound from its section and validated; one live instance per plugin.</summary>
    ILiveOptions<T> Options<T>()
        where T : class, new();
}
