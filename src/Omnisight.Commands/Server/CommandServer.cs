using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Omnisight.Commands;

/// <summary>
/// Answers commands that arrive on a Stream channel: checks them, carries each out once through the handler of its type, and takes
/// the acknowledgement to its sender. PING and HELLO are built in and answered on the reading thread; each other type has a queue of
/// its own, so that a handler that hangs delays nobody else.
/// </summary>
/// <example><code>
/// await using var acks = new TransportAckSender(transport, CommandChannels.Acks);
/// var server = new CommandServer(options, transport.OpenReader(CommandChannels.Commands), acks, logger, TimeProvider.System);
/// using var registration = server.Register(new ShutdownHandler());
/// await server.RunAsync(cancellationToken);
/// </code></example>
/// <remarks>Thread-safe. The caller keeps the reader and the sender, and disposes them after <see cref="RunAsync"/>.</remarks>
public sealed partial class CommandServer
{
    private readonly IReader _reader;
    private readonly IAckSender _acks;
    private readonly ILogger _logger;
    private readonly CommandMemory _effects, _queries;
    private readonly CommandRate _rate;
    private readonly RejectLog _rejectLog;
    private readonly ConcurrentDictionary<string, CommandLane> _lanes = new(StringComparer.Ordinal);
    private readonly LineCopy _line = new(CommandChannels.MaxCommandBytes + 1);

    /// <summary>Puts a server on a reader of commands and a sender of acknowledgements.</summary>
    public CommandServer(CommandServerOptions options, IReader commands, IAckSender acks, ILogger logger, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Rate);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.HandlerTimeout, TimeSpan.Zero);
        Options = options;
        Time = time;
        _reader = commands;
        _acks = acks;
        Counters = new CommandCounters(acks);
        _logger = logger;
        _effects = new CommandMemory(time);
        _queries = new CommandMemory(time);
        _rate = new CommandRate(options.Rate, time);
        _rejectLog = new RejectLog(logger, time);
    }

    /// <summary>What was counted so far.</summary>
    public CommandCounters Counters { get; }

    /// <summary>This start of the core.</summary>
    public ulong Epoch => Options.Epoch;

    internal CommandServerOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>Answers commands of the handler's type until the registration is disposed; what the handler then still does is cancelled.</summary>
    /// <exception cref="InvalidOperationException">Another handler has the type.</exception>
    public IDisposable Register(ICommandHandler handler) => Register(handler, Options.HandlerTimeout);

    /// <summary>Answers commands of the handler's type, which may take this long instead of <see cref="CommandServerOptions.HandlerTimeout"/>.</summary>
    /// <exception cref="InvalidOperationException">Another handler has the type.</exception>
    public IDisposable Register(ICommandHandler handler, TimeSpan timeLimit)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeLimit, TimeSpan.Zero);
        var lane = new CommandLane(handler, timeLimit, this);
        if (handler.Type is BuiltIn.Ping or BuiltIn.Hello || !_lanes.TryAdd(handler.Type, lane))
        {
            throw new InvalidOperationException($"command {handler.Type} already has a handler; one handler per type");
        }

        return new Registration(this, lane);
    }

    /// <summary>Reads and answers until cancelled; then gives what runs its time limit to finish. Run it once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_reader is IBlockingReader blocking)
        {
            await CommandThread.RunAsync("omnisight-commands", () => ReadBlocking(blocking, cancellationToken)).ConfigureAwait(false);
        }
        else
        {
            await ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        var idle = Task.WhenAll(_lanes.Values.Select(l => l.WhenIdle()));
        await Task.WhenAny(idle, Task.Delay(Options.HandlerTimeout, Time, CancellationToken.None)).ConfigureAwait(false);
    }

    private void ReadBlocking(IBlockingReader reader, CancellationToken cancellationToken)
    {
        // Wait returns at once while a line is there: one system call less a command than reading on until there is none.
        // The time bounds how long a cancellation goes unseen; a command wakes it at once.
        while (!cancellationToken.IsCancellationRequested && ReadOne() != ReadStatus.Closed)
        {
            reader.Wait(TimeSpan.FromMilliseconds(250));
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (DrainReader(cancellationToken) && await _reader.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Answers all there is; false when the reader was closed.</summary>
    private bool DrainReader(CancellationToken cancellationToken)
    {
        ReadStatus status;
        do
        {
            status = ReadOne();
        }
        while (status is ReadStatus.Fresh && !cancellationToken.IsCancellationRequested);

        return status != ReadStatus.Closed;
    }

    /// <summary>Answers the next line; Fresh when there was one, well-formed or not.</summary>
    private ReadStatus ReadOne()
    {
        var status = _reader.Read(_line, out var info);
        switch (status)
        {
            case ReadStatus.Fresh:
                ReceiveGuarded();
                return ReadStatus.Fresh;
            case ReadStatus.Rejected when info.Rejection.Reason == RejectReason.TooLarge:
                Counters.CountReceived();
                var beginning = CommandParser.ReadBeginning(_reader is IRejectedBeginning kept ? kept.RejectedBeginning : default);
                Refuse(beginning.ReplyTo, beginning.RequestId, "?", CommandCodes.TooLarge, $"a command has at most {CommandChannels.MaxCommandBytes} bytes");
                return ReadStatus.Fresh;
            case ReadStatus.Rejected when info.Rejection.Reason is RejectReason.Truncated or RejectReason.BadJson:
                Counters.CountReceived();
                Refuse(null, "", "?", CommandCodes.BadJson, info.Rejection.ToString());
                return ReadStatus.Fresh;
            default:
                return status;
        }
    }

    /// <summary>One line must not end the answering of all others.</summary>
    private void ReceiveGuarded()
    {
        try
        {
            Receive(_line.Line);
        }
        catch (Exception e)
        {
            CommandLog.LineFailed(_logger, e);
        }
    }

    /// <summary>Answers one line.</summary>
    internal void Receive(ReadOnlySpan<byte> line)
    {
        Counters.CountReceived();
        var command = CommandParser.Parse(line);
        if (command.Refusal is { } refusal)
        {
            Refuse(command, refusal.Code, refusal.Message);
        }
        else if (command.Epoch is { } epoch && epoch != Epoch)
        {
            Refuse(command, CommandCodes.WrongEpoch, $"this core's epoch is {Epoch}, not {epoch}: it was started anew; what was asked of the earlier one is not carried out here");
        }
        else if (command.Type is BuiltIn.Ping or BuiltIn.Hello)
        {
            AnswerBuiltIn(command);
        }
        else if (_lanes.TryGetValue(command.Type, out var lane))
        {
            Dispatch(command, lane);
        }
        else if (command.Type is BuiltIn.RefreshTimelines or BuiltIn.SyncSwarm)
        {
            Refuse(command, CommandCodes.NotEnabled, $"no running module handles {command.Type}");
        }
        else
        {
            Refuse(command, CommandCodes.UnknownCommand, $"no handler for '{command.Type}'; this core knows {string.Join(", ", KnownTypes())}");
        }
    }

    private IEnumerable<string> KnownTypes() => _lanes.Keys.Concat([BuiltIn.Ping, BuiltIn.Hello]).Order(StringComparer.Ordinal);

    private void AnswerBuiltIn(ParsedCommand command)
    {
        var entry = _queries.FindOrAdd(new CommandKey(command), out var isNew, out var known);
        if (!isNew)
        {
            Counters.CountRepeated();
            Send(command.ReplyTo, known!);
            return;
        }

        Counters.CountExecuted();
        var acknowledgement = AcknowledgementFormat.Write(Answer(command, command.Type == BuiltIn.Ping ? BuiltIn.Pong : Greet()));
        _queries.Complete(entry, acknowledgement);
        Send(command.ReplyTo, acknowledgement);
    }

    private CommandResult Greet()
    {
        try
        {
            return CommandResult.Ok("hello", BuiltIn.Greeting(Options, KnownTypes()));
        }
        catch (Exception e)
        {
            LogHandlerFault(BuiltIn.Hello, e);
            return CommandResult.Error(CommandCodes.Failed, e.Message);
        }
    }

    private void Dispatch(ParsedCommand command, CommandLane lane)
    {
        var key = new CommandKey(command);
        var isRepeated = _effects.Knows(key);
        if (!isRepeated && !_rate.TryTake())
        {
            RefuseForRate(command);
            return;
        }

        if (!Authorize(command, lane.Handler.Scope, out var keyId, out var reason))
        {
            // A repetition costs nothing where it is answered from memory; this one is not.
            if (isRepeated && !_rate.TryTake())
            {
                RefuseForRate(command);
                return;
            }

            Audit(command, keyId, CommandCodes.Unauthorized);
            Refuse(command, CommandCodes.Unauthorized, reason);
            return;
        }

        var entry = _effects.FindOrAdd(key, out var isNew, out var known);
        if (!isNew)
        {
            Counters.CountRepeated();
            if (known is not null)
            {
                Send(command.ReplyTo, known);
            }

            return;
        }

        Counters.CountExecuted();
        var running = new RunningCommand(this, command, entry, lane.Handler.Scope, lane.TimeLimit, keyId);
        if (!lane.TryEnqueue(running))
        {
            running.Drop(CommandCodes.Busy, $"too many commands wait for the handler of {command.Type}; this one was not carried out, send it again later");
        }
    }

    /// <summary>
    /// Read and command are open to whoever may write into the channel; config and admin need a key, or that only the owner can reach it.
    /// A token that is shown must be a key's, whatever the scope: who was revoked is told so, instead of when it matters.
    /// </summary>
    private bool Authorize(ParsedCommand command, CommandScope scope, out string? keyId, out string reason)
    {
        keyId = null;
        reason = $"{command.Type} needs a key with scope {CommandScopes.Name(scope)}: put it into 'token'";
        var isOpen = scope is CommandScope.Read or CommandScope.Command;
        if (command.Token is null)
        {
            return isOpen || Options.OwnerIsEnough();
        }

        if (Options.Keys?.Authenticate(command.Token) is not { } key)
        {
            reason = "the key in 'token' is not known here: it was revoked, has expired, or is another instance's";
            return false;
        }

        keyId = key.Id;
        return isOpen || key.Allows(scope);
    }

    /// <summary>A handler's result, or the timeout in its place.</summary>
    internal void Finish(RunningCommand running, RememberedCommand entry, CommandResult result, bool provisional, bool answer)
    {
        var command = running.Parsed;
        if (running.Scope is CommandScope.Config or CommandScope.Admin)
        {
            // Before the answer: whoever has it finds the record.
            Audit(command, running.KeyId, result.Success ? "success" : result.Code ?? "error", result.Success ? result.Message : null);
        }

        var acknowledgement = AcknowledgementFormat.Write(Answer(command, result));
        if (acknowledgement.Length > CommandChannels.MaxAcknowledgementBytes)
        {
            result = CommandResult.Error(CommandCodes.Failed, $"carried out, but an answer of {acknowledgement.Length} bytes is too long to send: at most {CommandChannels.MaxAcknowledgementBytes}");
            acknowledgement = AcknowledgementFormat.Write(Answer(command, result));
        }

        // What ended with its module is carried out when it is asked for again, and the module runs again.
        var waiting = result.Code == CommandCodes.NotEnabled ? _effects.Remove(entry) : _effects.Complete(entry, acknowledgement, provisional);
        for (var i = answer ? -1 : 0; i < waiting; i++)
        {
            Send(command.ReplyTo, acknowledgement);
        }

        if (provisional)
        {
            Counters.CountReject(CommandCodes.Timeout);
            _rejectLog.Rejected(CommandCodes.Timeout, command.Type, result.Message);
        }
    }

    /// <summary>A command that was accepted and then not begun.</summary>
    internal void Refuse(RunningCommand running, RememberedCommand entry, string code, string message)
    {
        for (var i = _effects.Remove(entry); i >= 0; i--)
        {
            Refuse(running.Parsed, code, message);
        }
    }

    internal void LogHandlerFault(string type, Exception fault) => CommandLog.HandlerFailed(_logger, type, fault);

    private void Unregister(CommandLane lane)
    {
        _lanes.TryRemove(KeyValuePair.Create(lane.Handler.Type, lane));
        lane.Dispose();
    }

    private sealed class Registration(CommandServer server, CommandLane lane) : IDisposable
    {
        public void Dispose() => server.Unregister(lane);
    }
}
