using Omnisight;

namespace Fixtures.CyclicA;

[ExportModule("circle-a")]
public sealed class CircleA : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
}
