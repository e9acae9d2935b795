using Omnisight;

namespace Fixtures.OwnContracts;

[ExportModule("copycat")]
public sealed class Copycat : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
}
