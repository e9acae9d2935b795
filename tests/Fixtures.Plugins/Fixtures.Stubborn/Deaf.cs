using Omnisight;

namespace Fixtures.Stubborn;

/// <summary>Answers the command FIXTURE_STUBBORN, for the first who registers it.</summary>
public sealed class Deaf : ICommandHandler
{
    public string Type => "FIXTURE_STUBBORN";

    public CommandScope Scope => CommandScope.Read;

    public ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken) => ValueTask.FromResult(CommandResult.Ok("heard"));
}
