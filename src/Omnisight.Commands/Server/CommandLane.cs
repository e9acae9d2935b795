using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>
/// The commands of one handler, one at a time and in order, on the thread pool: a handler that hangs holds up its own type only.
/// </summary>
internal sealed class CommandLane : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Bounds what waits for one handler: at 4 KiB a command, 4 MiB.</summary>
    private const int Capacity = 1024;

    private readonly Queue<RunningCommand> _queue = [];
    private readonly Lock _gate = new();
    private readonly CommandServer _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private bool _draining, _closed;
    private TaskCompletionSource? _idle;

    public CommandLane(ICommandHandler handler, TimeSpan timeLimit, CommandServer server)
    {
        (Handler, TimeLimit) = (handler, timeLimit);
        _server = server;
        _stopped = _stop.Token;
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
            if (_draining)
            {
                return true;
            }

            _draining = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
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
            return _draining ? (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = DrainAsync();

    private async Task DrainAsync()
    {
        while (true)
        {
            RunningCommand? command;
            TaskCompletionSource? idle = null;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out command))
                {
                    _draining = false;
                    (idle, _idle) = (_idle, null);
                }
            }

            if (command is null)
            {
                idle?.SetResult();
                return;
            }

            if (command.TryStart())
            {
                command.Complete(await RunAsync(command.Command).ConfigureAwait(false));
            }
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
