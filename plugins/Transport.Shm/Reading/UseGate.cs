using System.Runtime.CompilerServices;

namespace Omnisight.Transport.Shm;

/// <summary>
/// Lets a reader be disposed from another thread while its loop is inside a call: the memory goes when the call ends. A call costs two plain stores: whoever closes
/// puts a barrier into all threads of the process between saying so and looking whether one is inside, so that either sees what the other stored. That a second loop
/// finds the first inside is likely, not certain: two that call one reader at the same instant may both get in, and one that is still inside when the reader is disposed then reads memory that is gone.
/// </summary>
internal struct UseGate
{
    private bool _inUse;
    private bool _closed;
    private int _released;

    public readonly bool IsClosed => Volatile.Read(in _closed);

    /// <summary>False when the reader was disposed; the call ends with <see cref="Exit"/> all the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter()
    {
        if (Volatile.Read(in _inUse))
        {
            ThrowTwoCalls();
        }

        Volatile.Write(ref _inUse, true);
        return !IsClosed;
    }

    /// <summary>True when the reader was disposed meanwhile: the caller then releases its memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Exit()
    {
        Volatile.Write(ref _inUse, false);
        return IsClosed && IsFirstToRelease();
    }

    /// <summary>True when nobody is inside: the caller then releases the memory. False when the one inside will.</summary>
    public bool Close()
    {
        Volatile.Write(ref _closed, true);
        Interlocked.MemoryBarrierProcessWide();
        return !Volatile.Read(in _inUse) && IsFirstToRelease();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsFirstToRelease() => Interlocked.Exchange(ref _released, 1) == 0;

    private static void ThrowTwoCalls() => throw new InvalidOperationException("a reader belongs to one loop: two calls at once");
}
