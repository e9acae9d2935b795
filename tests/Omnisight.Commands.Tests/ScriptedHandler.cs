using System.Collections.Concurrent;

namespace Omnisight.Commands.Tests;

/// <summary>A handler that does what the test says and keeps what it was given.</summary>
internal sealed class ScriptedHandler(string type, Func<Command, CancellationToken, ValueTask<CommandResult>>? script = null, CommandScope scope = CommandScope.Command) : ICommandHandler
{
    private int _now;

    public ConcurrentQueue<Command> Handled { get; } = new();

    public int MostAtOnce { get; private set; }

    public string Type => type;

    public CommandScope Scope => scope;

    public async ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
        try
        {
            Handled.Enqueue(command);
            return script is null ? CommandResult.Ok("done", command.Data) : await script(command, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }
}
