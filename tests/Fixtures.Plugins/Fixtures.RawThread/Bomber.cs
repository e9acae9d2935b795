using System.Composition;
using Omnisight;

namespace Fixtures.RawThread;

/// <summary>Throws where nobody can catch it.</summary>
[ExportModule("bomber")]
[method: ImportingConstructor]
public sealed class Bomber(IPluginContext plugin) : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        var options = plugin.Options<BomberOptions>().Current;
        context.Ready();
        if (options.AsyncVoid)
        {
            ThrowLater(options.DelayMs);
        }
        else
        {
            new Thread(() =>
            {
                Thread.Sleep(options.DelayMs);
                Explode();
            }).Start();
        }

        return Task.Delay(Timeout.Infinite, stop);
    }

    private static async void ThrowLater(int delay)
    {
        await Task.Delay(delay);
        Explode();
    }

    private static void Explode() => throw new InvalidOperationException("boom");
}
