using Omnisight;

namespace Fixtures.NoExports;

/// <summary>A module whose author forgot the attribute.</summary>
public sealed class Nothing : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
}
