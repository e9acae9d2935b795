using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Omnisight.Cli.Hosting;

/// <summary>Logs one line an event: time, level, category, message. With systemd's journal, which keeps its own time, a priority prefix instead of the time.</summary>
internal sealed class LineLoggerProvider(TextWriter writer, TimeProvider time) : ILoggerProvider
{
    private static readonly bool Journal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        // An exception's own message belongs on the line; its stack is for those who debug.
        var cause = exception is null || message.Contains(exception.Message, StringComparison.Ordinal) ? "" : $": {exception.Message}";
        var line = $"{Start(level)} {category}: {message}{cause}".ReplaceLineEndings(" ");
        var stack = exception is not null && level >= LogLevel.Error ? exception.StackTrace : null;
        lock (_gate)
        {
            try
            {
                writer.WriteLine(line);
                if (stack is not null)
                {
                    writer.WriteLine(stack);
                }
            }
            catch (IOException)
            {
                // Whoever read the log is gone; the node goes on.
            }
        }
    }

    private string Start(LogLevel level)
    {
        if (Journal)
        {
            return level switch
            {
                LogLevel.Critical => "<2>",
                LogLevel.Error => "<3>",
                LogLevel.Warning => "<4>",
                LogLevel.Information => "<6>",
                _ => "<7>",
            };
        }

        var name = level switch
        {
            LogLevel.Critical => "crit ",
            LogLevel.Error => "error",
            LogLevel.Warning => "warn ",
            LogLevel.Information => "info ",
            LogLevel.Debug => "debug",
            _ => "trace",
        };
        return $"{time.GetLocalNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)} {name}";
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(logLevel, category, formatter(state, exception), exception);
    }
}
