using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>A log in memory: level and text of every line.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    public IReadOnlyCollection<(LogLevel Level, string Text)> Lines => _lines;

    public IEnumerable<string> At(LogLevel level) => _lines.Where(l => l.Level == level).Select(l => l.Text);

    /// <summary>From now on whoever writes a line gets an exception, as from a full disk.</summary>
    public bool IsBroken { get; set; }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsBroken)
        {
            throw new IOException("the log is broken");
        }

        _lines.Enqueue((logLevel, formatter(state, exception) + (exception is null ? "" : " " + exception)));
    }

    public void Dispose()
    {
    }
}
