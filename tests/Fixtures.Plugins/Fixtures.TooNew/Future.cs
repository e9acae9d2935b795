using Omnisight;

namespace Fixtures.TooNew;

[ExportModule("future")]
public sealed class Future : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
}
