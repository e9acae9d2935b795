using System.Text;
using Microsoft.Extensions.Logging;

namespace Omnisight.Sdk;

/// <summary>Hands log lines to omnisight_set_log_callback(); without one, nothing is formatted.</summary>
internal sealed unsafe class CallbackLoggerFactory : ILoggerFactory, ILogger
{
    private static delegate* unmanaged[Cdecl]<int, byte*, void*, void> _callback;
    private static void* _user;

    private CallbackLoggerFactory()
    {
    }

    public static CallbackLoggerFactory Instance { get; } = new();

    public static void Set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* user)
    {
        _callback = null;
        _user = user;
        Volatile.WriteBarrier();   // the user pointer belongs to the callback that is stored next
        _callback = callback;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => _callback != null && logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var callback = _callback;
        if (callback == null || logLevel < LogLevel.Information)
        {
            return;
        }

        var text = Encoding.UTF8.GetBytes(formatter(state, exception) + (exception is null ? "\0" : $": {exception.Message}\0"));
        fixed (byte* p = text)
        {
            callback((int)logLevel, p, _user);
        }
    }

    public void Dispose()
    {
    }
}
