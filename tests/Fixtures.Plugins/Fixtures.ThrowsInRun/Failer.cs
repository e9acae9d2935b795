using Omnisight;

namespace Fixtures.ThrowsInRun;

[ExportModule("failer")]
public sealed class Failer : IModule, IDisposable
{
    public void Dispose() => throw new InvalidOperationException("can't even be disposed");

    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        context.Ready();
        await Task.Yield();
        throw new InvalidOperationException("the model file is corrupt");
    }
}
