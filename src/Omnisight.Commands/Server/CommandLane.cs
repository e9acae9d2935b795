using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>
/// The commands of one handler, one at a time and in order, on a thread of its own that ends when it had nothing to do for a while: handlers that
/// block, however many, hold up their own types only, and take no thread from the pool, on which timers, the API and other modules live.
/// </summary>
internal sealed class CommandLane : IDisposable
{
    /// <summary>Long enough for a client that sends one command after the other.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    /// <summary>Bounds what waits for one handler: at 4 KiB a command, 4 MiB.</summary>
    private const int Capacity = 1024;

    private readonly Queue<RunningCommand> _queue = [];
    private readonly object _gate = new(); // not a Lock: the thread waits on it
    private readonly CommandServer _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly string _type;
    private bool _busy, _closed, _hasThread;
    private TaskCompletionSource? _idle;

    public CommandLane(ICommandHandler handler, TimeSpan timeLimit, CommandServer server)
    {
        (Handler, TimeLimit) = (handler, timeLimit);
        _server = server;
        _stopped = _stop.Token;
        _type = handler.Type;
    }

    public ICommandHandler Handler { get; }

    public TimeSpan TimeLimit { get; }

    /// <summary>Takes the command; false when too many wait already.</summary>
    public bool TryEnqueue(RunningCommand command)
    {
        lock (_gate)
        {
            if (_closed || _queue.Count >= Capacity)
            {
                return false;
            }

            _queue.Enqueue(command);
            _busy = true;
            if (_hasThread)
            {
                Monitor.Pulse(_gate);
                return true;
            }

            _hasThread = true;
        }

        try
        {
            new Thread(Work) { IsBackground = true, Name = _type }.Start();
            return true;
        }
        catch (Exception e)
        {
            // The system gives no thread now: the next command tries again.
            _server.LogHandlerFault(_type, e);
            Abandon(command);
            return false;
        }
    }

    /// <summary>There is nobody to run what waits; <paramref name="last"/> is answered by whoever brought it.</summary>
    private void Abandon(RunningCommand last)
    {
        RunningCommand[] waiting;
        lock (_gate)
        {
            waiting = [.. _queue.Where(c => c != last)];
            _queue.Clear();
            (_hasThread, _busy) = (false, false);
            _idle?.SetResult();
            _idle = null;
        }

        foreach (var command in waiting)
        {
            command.Drop(CommandCodes.Busy, $"there is no thread for {_type} now; try again later");
        }
    }

    /// <summary>Takes no more; what waits is answered as not enabled, what runs is cancelled.</summary>
    public void Dispose()
    {
        RunningCommand[] waiting;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            waiting = [.. _queue];
            _queue.Clear();
            Monitor.Pulse(_gate);
        }

        foreach (var command in waiting)
        {
            command.Drop(CommandCodes.NotEnabled, $"the module that handles {Handler.Type} stopped");
        }

        try
        {
            _stop.Cancel();
        }
        catch (AggregateException e)
        {
            // What the handler hung on its token is the handler's; its module still ends.
            _server.LogHandlerFault(Handler.Type, e);
        }

        _stop.Dispose();
    }

    /// <summary>Completes when nothing waits or runs.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            return _busy ? (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    private void Work()
    {
        while (Next() is { } command)
        {
            try
            {
                if (command.TryStart())
                {
                    // The thread is the lane's own: waiting for a handler that awaits is all it is for.
                    command.Complete(RunAsync(command.Command).AsTask().GetAwaiter().GetResult());
                }
            }
            catch (Exception e)
            {
                // An exception that leaves a thread ends the process.
                _server.LogHandlerFault(Handler.Type, e);
            }
        }
    }

    /// <summary>The next command, waited for; null when the thread is to end.</summary>
    private RunningCommand? Next()
    {
        lock (_gate)
        {
            if (_queue.Count == 0)
            {
                _busy = false;
                _idle?.SetResult();
                _idle = null;
            }

            while (_queue.Count == 0)
            {
                if (_closed || (!Monitor.Wait(_gate, Linger) && _queue.Count == 0))
                {
                    _hasThread = false;
                    return null;
                }
            }

            return _queue.Dequeue();
        }
    }

    private async ValueTask<CommandResult> RunAsync(Command command)
    {
        try
        {
            // A result that can't be written (none, or of a document that was disposed) must show here, where it is answered as failed.
            var result = await Handler.HandleAsync(command, _stopped).ConfigureAwait(false);
            return result.Data.ValueKind == JsonValueKind.Undefined ? result : result with { Data = result.Data.Clone() };
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            return CommandResult.Error(CommandCodes.NotEnabled, $"the module that handles {Handler.Type} stopped");
        }
        catch (Exception e)
        {
            _server.LogHandlerFault(Handler.Type, e);
            return CommandResult.Error(CommandCodes.Failed, e.Message);
        }
    }
}
