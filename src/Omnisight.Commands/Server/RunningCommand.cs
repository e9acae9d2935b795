namespace Omnisight.Commands;

/// <summary>
/// One command between receipt and answer. The handler and the clock race for it; whoever comes first answers, and a result that
/// comes after the timeout replaces what is remembered.
/// </summary>
internal sealed class RunningCommand
{
    private const int Queued = 0, Running = 1, TimedOut = 2, Done = 3;

    private readonly CommandServer _server;
    private readonly RememberedCommand _memory;
    private readonly ITimer _timer;
    private readonly TimeSpan _timeLimit;
    private int _state = Queued;

    public RunningCommand(CommandServer server, ParsedCommand parsed, RememberedCommand memory, CommandScope scope, TimeSpan timeLimit, string? keyId)
    {
        _server = server;
        _memory = memory;
        _timeLimit = timeLimit;
        Parsed = parsed;
        Scope = scope;
        KeyId = keyId;
        Command = parsed.ToCommand();
        _timer = server.Time.CreateTimer(static s => ((RunningCommand)s!).OnTimeLimit(), this, timeLimit, Timeout.InfiniteTimeSpan);
    }

    public ParsedCommand Parsed { get; }

    public Command Command { get; }

    public CommandScope Scope { get; }

    public string? KeyId { get; }

    /// <summary>The handler may begin; false when the command was answered for in the queue.</summary>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, Running, Queued) == Queued;

    /// <summary>The handler's result.</summary>
    public void Complete(CommandResult result)
    {
        var late = Interlocked.Exchange(ref _state, Done) == TimedOut;
        _timer.Dispose();
        _server.Finish(this, _memory, result, provisional: false, answer: !late);
    }

    /// <summary>Answers for a command that was not begun; a repetition of it will be. False when it was.</summary>
    public bool Drop(string code, string message)
    {
        if (Interlocked.CompareExchange(ref _state, Done, Queued) != Queued)
        {
            return false;
        }

        _timer.Dispose();
        _server.Refuse(this, _memory, code, message);
        return true;
    }

    private void OnTimeLimit()
    {
        // Not begun first: what begins between the two looks is then seen by the second.
        if (Drop(CommandCodes.Busy, $"the handler of {Command.Type} is still at earlier commands; this one was not carried out, send it again later"))
        {
            return;
        }

        if (Interlocked.CompareExchange(ref _state, TimedOut, Running) == Running)
        {
            _server.Finish(this, _memory, CommandResult.Error(CommandCodes.Timeout, $"{Command.Type} still runs after {_timeLimit.TotalMilliseconds:0} ms; ask again with the same request_id"), provisional: true, answer: true);
        }
    }
}
