using System.Composition;
using Omnisight;

namespace Fixtures.Stubborn;

/// <summary>A module that does not end, or does not begin: Fault says how.</summary>
public abstract class Stubborn : IModule, IAsyncDisposable
{
    private readonly string _fault;

    protected Stubborn(IPluginContext context)
    {
        _fault = context.Options<StubbornOptions>().Current.Fault;
        if (_fault == "constructor-hangs")
        {
            Thread.Sleep(Timeout.Infinite);
        }
    }

    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        if (_fault == "never-ready")
        {
            await Task.Delay(Timeout.Infinite, stop);
        }

        if (_fault == "commands" && this is First)
        {
            context.Handle(new Deaf());
        }

        context.Ready();
        switch (_fault)
        {
            case "blocks":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "foreground-thread":
                new Thread(() => Thread.Sleep(Timeout.Infinite)) { IsBackground = false }.Start();
                break;
            case "dispose-hangs":
                await Task.Yield();
                throw new InvalidOperationException("the motor is jammed");
        }

        try
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        finally
        {
            if (_fault == "slow-stop")
            {
                await Task.Delay(1500, CancellationToken.None);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_fault == "dispose-hangs")
        {
            Thread.Sleep(Timeout.Infinite);
        }

        return default;
    }
}

[ExportModule("first")]
[method: ImportingConstructor]
public sealed class First(IPluginContext context) : Stubborn(context);

[ExportModule("second")]
[method: ImportingConstructor]
public sealed class Second(IPluginContext context) : Stubborn(context);

[ExportModule("third")]
[method: ImportingConstructor]
public sealed class Third(IPluginContext context) : Stubborn(context);
