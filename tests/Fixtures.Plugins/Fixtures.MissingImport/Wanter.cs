using System.Composition;
using Omnisight;

namespace Fixtures.MissingImport;

public interface IFluxCapacitor;

[ExportModule("wanter")]
[method: ImportingConstructor]
public sealed class Wanter(IFluxCapacitor capacitor) : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.FromResult(capacitor);
}
