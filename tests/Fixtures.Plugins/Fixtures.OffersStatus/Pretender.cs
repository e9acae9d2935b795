using Omnisight;

namespace Fixtures.OffersStatus;

[ExportModule("pretender", Publishes = ["status"])]
public sealed class Pretender : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
}
