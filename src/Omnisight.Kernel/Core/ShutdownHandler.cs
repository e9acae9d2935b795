using Microsoft.Extensions.Logging;

namespace Omnisight.Kernel.Core;

/// <summary>SHUTDOWN: answers, then the node stops.</summary>
internal sealed class ShutdownHandler(Action shutdown, ILogger logger) : ICommandHandler
{
    public string Type => "SHUTDOWN";

    public CommandScope Scope => CommandScope.Admin;

    public ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        logger.ShutdownReceived(command.RequestId);
        shutdown();
        return new(CommandResult.Ok("shutting down"));
    }
}
