using Omnisight;

namespace Fixtures.CyclicB;

[ExportModule("circle-b")]
public sealed class CircleB : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
}
