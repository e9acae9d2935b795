using System.Runtime.CompilerServices;

namespace Omnisight.Transport.Shm;

/// <summary>
/// Who may touch the writer's memory: one publish, one open loan or one mend at a time. One word decides everything, so that a loan that ends and a publisher
/// that is disposed at the same instant agree on who gives the memory back.
/// </summary>
internal struct PublishGate
{
    private const int Free = 0, Busy = 1, Loaned = 2, Closed = 3, ClosedLoaned = 4;

    private int _state;

    /// <summary>False when the publisher was disposed. The only other holder besides the loop's own loan is a mend, which is short.</summary>
    /// <exception cref="InvalidOperationException">A loan is open.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter(ChannelSpec channel) => TryEnterAtOnce() || WaitToEnter(channel);

    /// <summary>For a mend, which comes again: false when anybody is inside.</summary>
    public bool TryEnterAtOnce() => Interlocked.CompareExchange(ref _state, Busy, Free) == Free;

    public void Exit() => Volatile.Write(ref _state, Free);

    /// <summary>Whoever is inside leaves a loan open.</summary>
    public void Lend() => Volatile.Write(ref _state, Loaned);

    /// <summary>The end of a loan: inside again. False when there is none, as for the second end of the same loan.</summary>
    /// <param name="wasClosed">The publisher was disposed while the loan was open: the caller, and no other, releases the memory.</param>
    public bool TryTakeBack(out bool wasClosed)
    {
        wasClosed = false;
        if (Interlocked.CompareExchange(ref _state, Busy, Loaned) == Loaned)
        {
            return true;
        }

        wasClosed = Interlocked.CompareExchange(ref _state, Closed, ClosedLoaned) == ClosedLoaned;
        return false;
    }

    /// <summary>Shuts the gate; true when nobody has the memory: the caller then releases it. An open loan keeps it until it ends.</summary>
    public bool Close()
    {
        var spin = default(SpinWait);
        while (true)
        {
            if (Interlocked.CompareExchange(ref _state, Closed, Free) == Free)
            {
                return true;
            }

            if (Interlocked.CompareExchange(ref _state, ClosedLoaned, Loaned) == Loaned)
            {
                return false;
            }

            spin.SpinOnce();
        }
    }

    private bool WaitToEnter(ChannelSpec channel)
    {
        var spin = default(SpinWait);
        while (true)
        {
            switch (Interlocked.CompareExchange(ref _state, Busy, Free))
            {
                case Free:
                    return true;
                case Closed or ClosedLoaned:
                    return false;
                case Loaned:
                    throw new InvalidOperationException($"a loan of channel '{channel.Name}' is open; commit or dispose it first");
                default:
                    spin.SpinOnce();
                    break;
            }
        }
    }
}
