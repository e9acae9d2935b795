using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Omnisight.Cli.Bench;

/// <summary>The writing end in a benchmark.</summary>
internal abstract class BenchWriter : IAsyncDisposable
{
    /// <summary>Makes the next frame, outside of what is measured.</summary>
    public abstract void Prepare(ulong number);

    /// <summary>Publishes it: encode and checksum (unless it was encoded before), slot, wake.</summary>
    public abstract void Publish();

    /// <summary>The same after it has said when, or the mark instead. Between that and the publisher's call is nothing of the benchmark's.</summary>
    /// <returns>When.</returns>
    public abstract long Publish(ref ulong stamp, ulong? mark);

    public abstract ValueTask DisposeAsync();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static long Stamp(ref ulong stamp, ulong? mark)
    {
        var now = Stopwatch.GetTimestamp();
        Volatile.Write(ref stamp, mark ?? (ulong)now);
        return now;
    }
}

/// <summary>The reading end in a benchmark.</summary>
internal abstract class BenchReader : IAsyncDisposable
{
    public abstract IReader Bytes { get; }

    /// <summary>
    /// Takes the newest frame and looks whether its content is its own; false when there is none. With a time, waits for one on this thread first: between the
    /// end of that and the reader's call is nothing of the benchmark's but a look at the clock.
    /// </summary>
    public abstract bool TryTake(TimeSpan? wait, out BenchTake take);

    /// <summary>Takes the newest frame and looks at nothing.</summary>
    public abstract bool TryTake();

    public ValueTask DisposeAsync() => Bytes.DisposeAsync();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static long Awake(IBlockingReader? reader, TimeSpan? wait)
    {
        if (wait is { } time)
        {
            _ = reader!.Wait(time);
        }

        return Stopwatch.GetTimestamp();
    }
}
