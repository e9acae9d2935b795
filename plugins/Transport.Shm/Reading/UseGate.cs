namespace Omnisight.Transport.Shm;

/// <summary>
/// Lets a reader be disposed from another thread while its loop is inside a call: the memory goes when the call ends. Two uncontended
/// interlocked operations a call.
/// </summary>
internal struct UseGate
{
    private const int Free = 0, InUse = 1, Closed = 2, ClosedInUse = 3;

    private int _state;

    public readonly bool IsClosed => Volatile.Read(in _state) >= Closed;

    /// <summary>False when the reader was disposed.</summary>
    public bool TryEnter()
    {
        var seen = Interlocked.CompareExchange(ref _state, InUse, Free);
        return seen switch
        {
            Free => true,
            InUse => throw new InvalidOperationException("a reader belongs to one loop: two calls at once"),
            _ => false,
        };
    }

    /// <summary>True when the reader was disposed meanwhile: the caller then releases its memory.</summary>
    public bool Exit() => Interlocked.CompareExchange(ref _state, Free, InUse) != InUse && Close(Closed);

    /// <summary>True when nobody is inside: the caller then releases the memory. False when the one inside will.</summary>
    public bool Close()
    {
        while (true)
        {
            var seen = Volatile.Read(ref _state);
            if (seen >= Closed)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, seen == Free ? Closed : ClosedInUse, seen) == seen)
            {
                return seen == Free;
            }
        }
    }

    private bool Close(int state)
    {
        Volatile.Write(ref _state, state);
        return true;
    }
}
