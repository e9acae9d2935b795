using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Core;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Supervision;

/// <summary>The host, as one run of a module sees it. What it opens and registers ends with the run.</summary>
internal sealed class ModuleContext : IModuleContext, IAsyncDisposable
{
    private readonly Plugin _plugin;
    private readonly string _module;
    private readonly ModuleHost _host;
    private readonly PluginContext _context;
    private readonly Action _ready;
    private readonly Lock _lock = new();
    private readonly List<WeakReference<IReader>> _readers = [];
    private readonly List<IDisposable> _handlers = [];
    private bool _ended;

    public ModuleContext(Plugin plugin, string module, ModuleHost host, Action ready)
    {
        _plugin = plugin;
        _module = module;
        _host = host;
        _ready = ready;
        _context = new PluginContext(plugin.Id, host.Settings);
    }

    public string PluginId => _context.PluginId;

    public string Instance => _context.Instance;

    public string RuntimeDirectory => _context.RuntimeDirectory;

    public ILoggerFactory Loggers => _context.Loggers;

    public TimeProvider Time => _context.Time;

    public ICommandClient Commands => _host.Commands;

    /// <summary>What the module reported, by section and name.</summary>
    public ConcurrentDictionary<(string Section, string Name), double> Reports { get; } = new();

    public ILiveOptions<T> Options<T>()
        where T : class, new() => _context.Options<T>();

    public void Ready() => _ready();

    public IPublisher? OpenPublisher(ChannelName channel) => _host.Channels.Publishers.Find(channel.Value, _plugin, _module);

    public IReader? OpenReader(ChannelName channel)
    {
        if (_host.Channels.OpenReader(channel) is not { } reader)
        {
            return null;
        }

        lock (_lock)
        {
            if (!_ended)
            {
                _readers.RemoveAll(r => !r.TryGetTarget(out _));
                _readers.Add(new WeakReference<IReader>(reader));
                return reader;
            }
        }

        // The run is over, and nobody would close it.
        _ = reader.DisposeAsync().AsTask();
        throw new ObjectDisposedException(nameof(IModuleContext), $"this run of module '{_plugin.Id}/{_module}' has ended; it opens no more readers");
    }

    public IReadOnlyList<ChannelEntry> ListChannels() => _host.Channels.List();

    public IMessageFormat? FindFormat(string messageId) => _host.FindFormat(messageId, PluginId);

    public void Handle(ICommandHandler handler)
    {
        if (_host.Register is not { } register)
        {
            return;
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            _handlers.Add(register(handler, $"{PluginId}/{_module}"));
        }
    }

    public void Report(string section, string name, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(section);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (StatsSections.AreKernels(section, name))
        {
            throw new ArgumentException($"'{section}:{name}' of the stats document is the kernel's; report under a name of your own", nameof(section));
        }

        Reports[(section, name)] = value;
    }

    /// <summary>Takes back what this run of the module opened and registered.</summary>
    public async ValueTask DisposeAsync()
    {
        List<IReader> readers;
        lock (_lock)
        {
            _ended = true;
            _handlers.ForEach(h => h.Dispose());
            _handlers.Clear();
            readers = [.. _readers.Select(r => r.TryGetTarget(out var reader) ? reader : null).OfType<IReader>()];
            _readers.Clear();
        }

        Exception? first = null;
        foreach (var reader in readers)
        {
            try
            {
                await reader.DisposeAsync();
            }
            catch (Exception e)
            {
                // The others must be closed all the same: a channel may have few places.
                first ??= e;
            }
        }

        if (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }
    }
}
