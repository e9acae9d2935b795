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

/// <summary>With two modules a plugin's id does not say who offers the channel.</summary>
[ExportModule("bystander")]
public sealed class Bystander : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        context.Ready();
        return Task.Delay(Timeout.Infinite, stop);
    }
}
