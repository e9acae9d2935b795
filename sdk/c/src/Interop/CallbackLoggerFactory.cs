using System.Text;
using Microsoft.Extensions.Logging;

namespace Omnisight.Sdk;

/// <summary>Hands log lines to omnisight_set_log_callback(); without one, nothing is formatted.</summary>
internal sealed unsafe class CallbackLoggerFactory : ILoggerFactory, ILogger
{
    private static Target? _target;

    [ThreadStatic]
    private static int _depth;

    private CallbackLoggerFactory()
    {
    }

    public static CallbackLoggerFactory Instance { get; } = new();

    /// <summary>Does this thread run the callback now? Whoever logs may hold what a server's calls wait for.</summary>
    public static bool IsInCallback => _depth > 0;

    /// <summary>One reference, so that a line never meets one callback with the other's pointer.</summary>
    public static void Set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* user) =>
        Volatile.Write(ref _target, callback == null ? null : new Target(callback, user));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => _target is not null && logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Volatile.Read(ref _target) is not { } target || logLevel < LogLevel.Information)
        {
            return;
        }

        var text = Encoding.UTF8.GetBytes(formatter(state, exception) + (exception is null ? "\0" : $": {exception.Message}\0"));

        // It may run on the program's own thread, and write to a pipe that nobody reads.
        using var block = SigpipeBlock.Enter();
        _depth++;
        fixed (byte* p = text)
        {
            target.Call((int)logLevel, p);
        }

        _depth--;
    }

    public void Dispose()
    {
    }

    private sealed class Target(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* user)
    {
        private readonly delegate* unmanaged[Cdecl]<int, byte*, void*, void> _callback = callback;
        private readonly void* _user = user;

        public void Call(int level, byte* text) => _callback(level, text, _user);
    }
}
