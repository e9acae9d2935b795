using System.Composition;
using Omnisight;

namespace Fixtures.PlainExport;

/// <summary>Exported as MEF's own documentation shows it.</summary>
[Export(typeof(IModule))]
public sealed class Plain : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
}
