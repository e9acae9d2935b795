using System.Composition;

namespace Omnisight.Kernel.Composition;

/// <summary>Makes instances of one exported module.</summary>
internal sealed class ModuleFactory(string name, IReadOnlyList<ChannelName> publishes, ExportFactory<IModule, ModuleMetadata> export) : IAsyncDisposable
{
    private Task<Part<IModule>>? _begun;

    public string Name => name;

    public IReadOnlyList<ChannelName> Publishes => publishes;

    /// <summary>Begins the first instance: its constructor needs nothing of what is still to be loaded and wired, and may take its time.</summary>
    public void Begin() => _begun = CreateAsync();

    /// <summary>The instance that was begun, once; then new ones. Its constructor runs on a thread of the pool.</summary>
    public Task<Part<IModule>> MakeAsync() => Interlocked.Exchange(ref _begun, null) ?? CreateAsync();

    /// <summary>Disposes of what was begun and not taken.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _begun, null) is { } unused)
        {
            await ((Task)unused).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (unused.IsCompletedSuccessfully)
            {
                await (await unused).DisposeAsync();
            }
        }
    }

    private Task<Part<IModule>> CreateAsync() => Task.Run(() => new Part<IModule>(export.CreateExport()));
}
