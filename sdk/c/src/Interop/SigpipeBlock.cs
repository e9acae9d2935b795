namespace Omnisight.Sdk;

/// <summary>
/// Keeps SIGPIPE away from the calling thread, and from the threads that are made meanwhile (they inherit its mask), without touching
/// what the program does with the signal: a FIFO whose reader went away is an errno for us, and nothing at all for the program.
/// </summary>
internal unsafe ref struct SigpipeBlock
{
    private SignalSet _before;
    private bool _pendingBefore, _entered;

    public static SigpipeBlock Enter()
    {
        var block = default(SigpipeBlock);
        SignalSet pending, sigpipe;
        _ = NativeLibc.PendingSignals(&pending);
        block._pendingBefore = pending.Has(SignalSet.Sigpipe);
        sigpipe = SignalSet.Of(SignalSet.Sigpipe);
        SignalSet before;
        _ = NativeLibc.SignalMask(NativeLibc.SigBlock, &sigpipe, &before);
        block._before = before;
        block._entered = true;
        return block;
    }

    public readonly void Dispose()
    {
        if (!_entered)
        {
            return;
        }

        var sigpipe = SignalSet.Of(SignalSet.Sigpipe);
        SignalSet pending;
        _ = NativeLibc.PendingSignals(&pending);
        if (!_pendingBefore && pending.Has(SignalSet.Sigpipe))
        {
            // Ours: taken away before the mask would deliver it.
            var now = default(NativeLibc.TimeSpec);
            _ = NativeLibc.WaitSignal(&sigpipe, null, &now);
        }

        var before = _before;
        _ = NativeLibc.SignalMask(NativeLibc.SigSetMask, &before, null);
    }
}
