using System.Composition;

namespace Omnisight.Kernel.Composition;

/// <summary>A part that MEF made, and its certain end: its own DisposeAsync, or Dispose, then what MEF keeps for it.</summary>
internal sealed class Part<T>(Export<T> export) : IAsyncDisposable
    where T : class
{
    public T Value => export.Value;

    public async ValueTask DisposeAsync()
    {
        if (export.Value is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }

        export.Dispose();
    }
}
