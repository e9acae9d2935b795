using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Supervision;

/// <summary>
/// Runs one module for as long as the node runs: makes it, runs it, disposes it when it ends, waits, makes a new one. Nothing that
/// a module does on its own call stack gets out of here.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "the source has no timer to release, and a module that was left behind may still use its token")]
internal sealed class ModuleRunner
{
    /// <summary>How long a module may take to stop.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    /// <summary>A constructor that takes longer hangs: its module, not the node, waits for it.</summary>
    private static readonly TimeSpan PrepareLimit = TimeSpan.FromSeconds(5);

    /// <summary>A module that has not said by then that it is ready hangs, or forgot to say so.</summary>
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);

    /// <summary>Disposing of what is left of a run; what takes longer is left behind.</summary>
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(5);

    private readonly Plugin _plugin;
    private readonly ModuleHost _host;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BackOff _backOff = new();
    private ModuleFactory? _factory;
    private Task<Part<IModule>>? _first;
    private Task _task = Task.CompletedTask;
    private volatile ModuleContext? _context;
    private volatile ModuleStatus _status = new(ModuleState.Starting, "is starting");
    private int _faults, _starts;
    private long _readyAt;

    public ModuleRunner(Plugin plugin, ModuleFactory factory, ModuleHost host)
    {
        _plugin = plugin;
        _factory = factory;
        _host = host;
        Name = factory.Name;
        _logger = host.Settings.Loggers.CreateLogger("Omnisight.Supervision");
    }

    public string Name { get; }

    /// <summary>Plugin and module, for the log.</summary>
    public string FullName => $"{_plugin.Id}/{Name}";

    public ModuleState State => _status.State;

    /// <summary>Its name and why it is neither at work nor on its way there; null when it is.</summary>
    public string? Down => _status is { State: ModuleState.BackingOff or ModuleState.Abandoned } or { IsLate: true } ? $"'{Name}' {_status.Reason}" : null;

    /// <summary>Why, continuing a sentence that begins with the module's name.</summary>
    public string Reason => _status.Reason;

    public int Faults => Volatile.Read(ref _faults);

    /// <summary>How often it was made anew.</summary>
    public int Restarts => Math.Max(0, Volatile.Read(ref _starts) - 1);

    /// <summary>Complete once the module is ready, or has failed for the first time.</summary>
    public Task Settled => _settled.Task;

    /// <summary>What the running module reported; null while it does not run.</summary>
    public ModuleContext? Context => _context;

    /// <summary>Makes the module for its first run. A failure is that run's, unless it is the module's configuration that is refused: that is the operator's to correct, now.</summary>
    /// <exception cref="ConfigurationException">The module refuses its options.</exception>
    public async Task PrepareAsync()
    {
        var first = _first = _factory!.MakeAsync();
        try
        {
            await first.WaitAsync(PrepareLimit, _host.Settings.Time);
        }
        catch (Exception e) when (e is not ConfigurationException)
        {
            // Told by the first run, which meets the same task.
        }
    }

    public void Start() => _task = Task.Run(SuperviseAsync);

    /// <summary>Stops the module. False when it did not end in time and was left behind.</summary>
    public Task<bool> StopAsync() => StopAsync(StopLimit);

    /// <summary>Stops the module within this time.</summary>
    public async Task<bool> StopAsync(TimeSpan limit)
    {
        if (State != ModuleState.Stopped)
        {
            Set(ModuleState.Stopping, "is stopping");
        }

        // The module's own code runs in here too: what it registered on the token, and what follows its awaits.
        var cancelled = _stop.CancelAsync();
        try
        {
            await Task.WhenAll(cancelled, _task).WaitAsync(limit, _host.Settings.Time);
        }
        catch (Exception e) when (e is not TimeoutException)
        {
            _logger.FailedAtStop(FullName, e.Message);
        }
        catch (TimeoutException)
        {
            Set(ModuleState.Abandoned, $"did not stop within {limit.TotalSeconds:0} s");
            _logger.Abandoned(FullName, limit.TotalSeconds);
            return false;
        }

        if (Interlocked.Exchange(ref _first, null) is { IsCompletedSuccessfully: true } unused)
        {
            await DisposeAsync(await unused, "a part");
        }

        Set(ModuleState.Stopped, "is stopped");
        _factory = null;
        _task = Task.CompletedTask;
        return true;
    }

    private async Task SuperviseAsync()
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            var pause = await RunOnceAsync(stop);
            try
            {
                await pause;
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        _settled.TrySetResult();
    }

    /// <summary>One life of the module, to its last trace; the pause before the next.</summary>
    private async Task<Task> RunOnceAsync(CancellationToken stop)
    {
        Interlocked.Increment(ref _starts);
        Volatile.Write(ref _readyAt, 0);
        Set(ModuleState.Starting, "is starting");
        var context = _context = new ModuleContext(_plugin, Name, _host, Ready);
        Part<IModule>? part = null;
        var pause = Task.CompletedTask;
        using var watch = _host.Settings.Time.CreateTimer(_ => Late(context), null, ReadyLimit, Timeout.InfiniteTimeSpan);
        try
        {
            part = await MakeAsync();
            await part.Value.RunAsync(context, stop);
            pause = Ended("ended by itself", null, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As it was told to.
        }
        catch (Exception e)
        {
            pause = Ended(part is null ? $"can't be made: {CompositionFailures.Explain(e)}" : $"failed: {e.GetType().Name}: {e.Message}", e, stop);
        }

        // Its state is told by now: what is disposed of here may hang, too.
        _context = null;
        await DisposeAsync(context, "what it opened");
        await DisposeAsync(part, "a part");
        return pause;
    }

    /// <summary>Tells that a run ended without being told to; the pause before the next, which begins now.</summary>
    private Task Ended(string reason, Exception? exception, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
        {
            if (exception is not null)
            {
                _logger.FailedAtStop(FullName, reason);
            }

            return Task.CompletedTask;
        }

        var ready = Volatile.Read(ref _readyAt);
        var pause = _backOff.After(ready == 0 ? TimeSpan.Zero : _host.Settings.Time.GetElapsedTime(ready));
        Interlocked.Increment(ref _faults);
        Set(ModuleState.BackingOff, reason);
        _logger.Failed(FullName, reason, pause.TotalSeconds);
        if (exception is not null)
        {
            _logger.FailedHere(FullName, exception);
        }

        _settled.TrySetResult();
        return Task.Delay(pause, _host.Settings.Time, stop);
    }

    private void Late(ModuleContext context)
    {
        if (_context == context && _status is { State: ModuleState.Starting } starting)
        {
            var reason = $"has not become ready within {ReadyLimit.TotalSeconds:0} s: it hangs, or does not call Ready() of its context";
            if (Interlocked.CompareExchange(ref _status, new ModuleStatus(ModuleState.Starting, reason, IsLate: true), starting) == starting)
            {
                _logger.Late(FullName, reason);
                _host.Changed();
                _settled.TrySetResult();
            }
        }
    }

    private Task<Part<IModule>> MakeAsync() => Interlocked.Exchange(ref _first, null) ?? _factory!.MakeAsync();

    private async Task DisposeAsync(IAsyncDisposable? part, string what)
    {
        if (part is null)
        {
            return;
        }

        try
        {
            // On a thread of its own: it is the module's code, and may block instead of awaiting.
            await Task.Run(async () => await part.DisposeAsync()).WaitAsync(DisposeLimit, _host.Settings.Time);
        }
        catch (Exception e)
        {
            _logger.DisposeFailed(what, FullName, e is TimeoutException ? $"it did not end within {DisposeLimit.TotalSeconds:0} s" : $"{e.GetType().Name}: {e.Message}");
        }
    }

    private void Ready()
    {
        if (State == ModuleState.Starting)
        {
            Volatile.Write(ref _readyAt, _host.Settings.Time.GetTimestamp());
            Set(ModuleState.Running, "runs");
            _logger.Runs(FullName);
            _settled.TrySetResult();
        }
    }

    private void Set(ModuleState state, string reason)
    {
        _status = new ModuleStatus(state, reason);
        _host.Changed();
    }

    private sealed record ModuleStatus(ModuleState State, string Reason, bool IsLate = false);
}
