using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Composition;

/// <summary>The host, as one plugin sees it.</summary>
internal sealed class PluginContext(string pluginId, NodeSettings settings) : IPluginContext
{
    public string PluginId => pluginId;

    public string Instance => settings.Configuration.Instance;

    public string RuntimeDirectory => settings.Configuration.RuntimeDirectory;

    public ILoggerFactory Loggers { get; } = new PrefixedLoggers(pluginId, settings.Loggers);

    public TimeProvider Time => settings.Time;

    public ILiveOptions<T> Options<T>()
        where T : class, new() => settings.Configuration.Options<T>(pluginId);

    /// <summary>Loggers whose category begins with the plugin's id, so that an operator sees who speaks.</summary>
    private sealed class PrefixedLoggers(string pluginId, ILoggerFactory inner) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) =>
            inner.CreateLogger($"{pluginId}.{Short(categoryName)}");

        /// <summary>Of the plugin's own classes the name is enough; those of libraries keep their namespace.</summary>
        private string Short(string category) =>
            category.Contains(pluginId, StringComparison.Ordinal) ? category[(category.LastIndexOf('.') + 1)..] : category;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("a plugin adds no logger providers: the host's logging is configured by the host");

        public void Dispose()
        {
            // The host's loggers outlive a plugin.
        }
    }
}
