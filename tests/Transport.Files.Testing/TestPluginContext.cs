using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Omnisight.TestKit;

namespace Omnisight.Transport.Files.Testing;

/// <summary>A host for one transport: an instance and a directory of the test's own, its options, and what it logged.</summary>
internal sealed class TestPluginContext : IPluginContext, ILoggerFactory, ILogger
{
    private readonly object? _options;

    public TestPluginContext(TestInstance instance, object? options = null, TimeProvider? time = null, string? directory = null)
    {
        _options = options;
        Instance = instance.Name;
        RuntimeDirectory = directory ?? instance.Directory;
        Time = time ?? TimeProvider.System;
    }

    public string PluginId => "Transport.Test";

    public string Instance { get; }

    public string RuntimeDirectory { get; }

    public ILoggerFactory Loggers => this;

    public TimeProvider Time { get; }

    public ConcurrentQueue<(LogLevel Level, string Message)> Log { get; } = new();

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new Fixed<T>(_options as T ?? new T());

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue((logLevel, formatter(state, exception)));

    private sealed record Fixed<T>(T Current) : ILiveOptions<T>;
}
