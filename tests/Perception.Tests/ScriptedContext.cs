using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Perception.Tests;

/// <summary>A kernel as a module sees it, whose channels are lists and whose clock the test moves.</summary>
internal sealed class ScriptedContext(object options, TimeProvider time, params string[] channels) : IModuleContext
{
    private readonly ConcurrentDictionary<string, RecordingPublisher> _publishers = new();
    private readonly ConcurrentDictionary<(string Section, string Name), double> _stats = new();
    private readonly WarningLog _loggers = new();
    private readonly LiveOptions _options = new() { Value = options };

    public string PluginId => "Perception.Tests";

    public string Instance => "scripted";

    public string RuntimeDirectory => "/nonexistent";

    public ILoggerFactory Loggers => _loggers;

    /// <summary>The warnings.</summary>
    public IReadOnlyCollection<string> Log => _loggers.Warnings;

    public TimeProvider Time => time;

    public ICommandClient Commands => throw new NotSupportedException();

    public bool IsReady { get; private set; }

    public ConcurrentDictionary<string, ICommandHandler> Handlers { get; } = new();

    public double? Stat(string section, string name) => _stats.TryGetValue((section, name), out var value) ? value : null;

    /// <summary>Replaces the options, as CONFIG_UPDATE does.</summary>
    public void Change(object options) => _options.Value = options;

    public RecordingPublisher On(string channel) => _publishers.GetOrAdd(channel, n => new RecordingPublisher(n));

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new Typed<T>(_options);

    public void Ready() => IsReady = true;

    public IPublisher? OpenPublisher(ChannelName channel) => channels.Contains(channel.Value) ? On(channel.Value) : null;

    public IReader? OpenReader(ChannelName channel) => null;

    public IReadOnlyList<ChannelEntry> ListChannels() => [];

    public IMessageFormat? FindFormat(string messageId) => null;

    public void Handle(ICommandHandler handler) => Handlers[handler.Type] = handler;

    public void Report(string section, string name, double value) => _stats[(section, name)] = value;

    public async Task<CommandResult> Send(string type) =>
        await Handlers[type].HandleAsync(new Command { Type = type, RequestId = "1", Data = default(JsonElement) }, TestContext.Current.CancellationToken);

    private sealed class WarningLog : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                Warnings.Enqueue(formatter(state, exception));
            }
        }
    }

    private sealed class LiveOptions
    {
        public volatile object? Value;
    }

    private sealed class Typed<T>(LiveOptions live) : ILiveOptions<T>
    {
        public T Current => (T)live.Value!;
    }
}
