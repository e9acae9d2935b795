namespace Perception.Tests;

/// <summary>A module that runs on a clock which the test moves.</summary>
internal sealed class ModuleRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SteppedTime _time;

    public ModuleRun(IModule module, ScriptedContext context, SteppedTime time)
    {
        _time = time;
        Task = Task.Run(() => module.RunAsync(context, _stop.Token));
    }

    public Task Task { get; }

    /// <summary>Lets time go by in small steps until something has happened.</summary>
    public Task Until(Func<bool> condition) => Eventually.Become(
        async () =>
        {
            if (Task.IsCompleted)
            {
                await Task;
            }

            for (var i = 0; i < 100_000 && !condition() && _time.IsAwaited; i++)
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
            }

            return condition();
        },
        "the module does what is expected");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(Task);
        _stop.Dispose();
    }
}
