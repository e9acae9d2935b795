using Omnisight;

namespace Fixtures.ThrowsInConstructor;

[ExportModule("thrower")]
public sealed class Thrower : IModule
{
    public Thrower() => throw new InvalidOperationException("the sensor is not there");

    public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.CompletedTask;
}
