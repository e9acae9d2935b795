using Fixtures.Library;
using Omnisight;

namespace Fixtures.MissingDependency;

[ExportModule("lonely")]
public sealed class Lonely : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.Delay(Answer.Value, stop);
}
