using Omnisight;

namespace Fixtures.EmbeddedContracts;

[ExportModule("embedded")]
public sealed class Embedded : IModule
{
    public Task RunAsync(object context, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
}
