namespace Omnisight.Cli.Bench;

/// <summary>The writing end in a benchmark.</summary>
internal abstract class BenchWriter : IAsyncDisposable
{
    /// <summary>Makes the next frame, outside of what is measured.</summary>
    public abstract void Prepare(ulong number);

    /// <summary>Publishes it: encode and checksum (unless it was encoded before), slot, wake.</summary>
    public abstract void Publish();

    public abstract ValueTask DisposeAsync();
}

/// <summary>The reading end in a benchmark.</summary>
internal abstract class BenchReader : IAsyncDisposable
{
    public abstract IReader Bytes { get; }

    /// <summary>Takes the newest frame and looks whether its content is its own; false when there is none.</summary>
    public abstract bool TryTake(out BenchTake take);

    /// <summary>Takes the newest frame and looks at nothing.</summary>
    public abstract bool TryTake();

    public ValueTask DisposeAsync() => Bytes.DisposeAsync();
}
