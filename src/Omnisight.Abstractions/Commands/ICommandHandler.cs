namespace Omnisight;

/// <summary>Carries out commands of one type. Called by one command at a time; a handler that takes longer than the time limit is answered for with <c>timeout</c>.</summary>
public interface ICommandHandler
{
    /// <summary>The command type it answers, <c>[A-Z0-9_.]{1,64}</c>.</summary>
    string Type { get; }

    /// <summary>What the sender must be allowed to.</summary>
    CommandScope Scope { get; }

    /// <summary>Carries out one command. An exception is answered as <c>failed</c> with its message.</summary>
    ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken);
}
