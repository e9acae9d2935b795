using Omnisight;

namespace Fixtures.HangsAtStop;

[ExportModule("hanger")]
public sealed class Hanger : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        // A callback that throws must not end the stop of the node either.
        _ = stop.Register(() => throw new InvalidOperationException("does not want to stop"));
        context.Ready();
        return new TaskCompletionSource().Task;
    }
}
