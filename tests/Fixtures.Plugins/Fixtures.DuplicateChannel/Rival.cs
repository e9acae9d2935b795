using Omnisight;

namespace Fixtures.DuplicateChannel;

[ExportModule("rival", Publishes = ["fixture-count"])]
public sealed class Rival : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        context.Ready();
        return Task.Delay(Timeout.Infinite, stop);
    }
}
