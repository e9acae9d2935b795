using Omnisight;

namespace Fixtures.Leaky;

/// <summary>The host's process refers to its code for ever: it can never be unloaded.</summary>
[ExportModule("leaker")]
public sealed class Leaker : IModule
{
    public Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        context.Ready();
        return Task.Delay(Timeout.Infinite, stop);
    }

    private void OnExit(object? sender, EventArgs e) => GC.KeepAlive(this);
}
