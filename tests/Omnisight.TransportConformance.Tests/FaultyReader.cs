namespace Omnisight.TransportConformance.Tests;

/// <summary>A reader with one fault.</summary>
internal sealed class FaultyReader(IReader inner, Fault fault) : IInbox, ILeasingReader, IBlockingReader
{
    private static readonly ulong FixedEpoch = 77;

    private readonly Keeper _first = new();
    private bool _disposed;
    private SampleInfo _leased;

    public string Address => ((IInbox)inner).Address;

    public ChannelSpec Channel => inner.Channel;

    public PayloadEncoding Encoding => inner.Encoding;

    public ChannelCounters Counters { get; } = fault == Fault.CountsNothing ? new() : inner.Counters;

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        if (fault == Fault.ReadsAfterDispose && _disposed)
        {
            info = default;
            return ReadStatus.Unchanged;
        }

        var status = fault == Fault.ServesOldValues && Channel.Delivery == Delivery.Latest ? ReadOld(decoder, out info) : inner.Read(decoder, out info);
        switch (fault)
        {
            case Fault.SequenceFromZero when info.Sequence > 0:
                info.Sequence--;
                break;
            case Fault.ForgetsMissed:
                info.Missed = 0;
                break;
            case Fault.SameEpochAfterRestart:
                info.Epoch = FixedEpoch;
                break;
            case Fault.RejectionIsFresh when status == ReadStatus.Rejected:
                return ReadStatus.Fresh;
            case Fault.RejectionMovesOn when status == ReadStatus.Rejected:
                info.Sequence++;
                break;
            case Fault.NeverTellsStop when status == ReadStatus.WriterStopped:
                return ReadStatus.Unchanged;
        }

        return status;
    }

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case Fault.NeverWakes:
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                return true;
            case Fault.IgnoresCancellation:
                return await inner.WaitAsync(CancellationToken.None);
            case Fault.WaitsAfterDispose:
                _ = await inner.WaitAsync(cancellationToken);
                return true;
            default:
                return await inner.WaitAsync(cancellationToken);
        }
    }

    public bool Wait(TimeSpan timeout) => fault != Fault.WaitsForTheNext && (((IBlockingReader)inner).Wait(timeout) || fault == Fault.BlocksForEver);

    public ReadStatus TryLease(out Lease lease)
    {
        var status = ((ILeasingReader)inner).TryLease(out var found);
        _leased = found.Info;
        lease = status is ReadStatus.Fresh or ReadStatus.Unchanged ? new Lease(this, found.Payload, _leased) : default;
        return status;
    }

    public bool ValidateLease(ulong sequence) => fault == Fault.LeaseIsAlwaysValid || ((ILeasingReader)inner).ValidateLease(sequence);

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return inner.DisposeAsync();
    }

    /// <summary>Keeps to the first value it ever saw.</summary>
    private ReadStatus ReadOld(IPayloadDecoder decoder, out SampleInfo info)
    {
        var status = inner.Read(_first, out info);
        if (status == ReadStatus.Fresh)
        {
            decoder.Decode(_first.Bytes);
        }

        return status;
    }

    private sealed class Keeper : IPayloadDecoder
    {
        public byte[] Bytes { get; private set; } = [];

        public Rejection Decode(ReadOnlySpan<byte> payload)
        {
            Bytes = Bytes.Length == 0 ? payload.ToArray() : Bytes;
            return Rejection.None;
        }
    }
}
