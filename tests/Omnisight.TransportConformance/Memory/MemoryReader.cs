namespace Omnisight.TransportConformance;

/// <summary>A reading end of a <see cref="MemoryRing"/>.</summary>
internal sealed class MemoryReader(ChannelSpec channel, MemoryRing ring) : ILeasingReader, IBlockingReader
{
    private byte[] _copy = [];
    private SampleInfo _last;
    private ulong _leased, _rejected;
    private long _seen = -1;
    private volatile bool _closed;

    public ChannelSpec Channel { get; } = channel;

    public PayloadEncoding Encoding => PayloadEncoding.Json;

    public ChannelCounters Counters { get; } = new();

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        int length;
        SampleInfo found;
        info = _last;
        lock (ring.Gate)
        {
            if (Look(out found) is var status && status != ReadStatus.Fresh)
            {
                info.Rejection = found.Rejection;
                return status;
            }

            var payload = ring.Payload(found.Sequence);
            length = payload.Length;
            if (_copy.Length < length)
            {
                _copy = new byte[Math.Max(length, Channel.MaxPayloadBytes)];
            }

            payload.CopyTo(_copy);
        }

        var rejection = decoder.Decode(_copy.AsSpan(0, length));
        if (!rejection.IsNone)
        {
            // The value is passed over; what was taken last stays what it is.
            (_last.Epoch, _rejected) = (found.Epoch, found.Sequence);
            info.Rejection = rejection;
            Counters.CountReject(rejection.Reason);
            return ReadStatus.Rejected;
        }

        Take(found);
        Counters.Bytes += length;
        info = _last;
        return ReadStatus.Fresh;
    }

    public ReadStatus TryLease(out Lease lease)
    {
        lease = default;
        lock (ring.Gate)
        {
            var status = Look(out var found);
            if (status == ReadStatus.Fresh)
            {
                Take(found);
                _leased = found.Sequence;
            }
            else if (status != ReadStatus.Unchanged || _leased == 0)
            {
                return status;
            }

            lease = new Lease(this, ring.Payload(_leased), _last);
            return status;
        }
    }

    public bool ValidateLease(ulong sequence) => ring.IsWhole(_last.Epoch, sequence);

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (!_closed)
        {
            await ring.Signal.WaitAsync(_seen, cancellationToken);
        }

        return !_closed;
    }

    public bool Wait(TimeSpan timeout) => !_closed && ring.Signal.Wait(_seen, timeout);

    public ValueTask DisposeAsync()
    {
        _closed = true;
        ring.Signal.Wake();
        return default;
    }

    /// <summary>What there is, without taking it.</summary>
    private ReadStatus Look(out SampleInfo found)
    {
        found = default;
        if (_closed)
        {
            return ReadStatus.Closed;
        }

        _seen = ring.Signal.Version;
        if (ring.Latest == 0)
        {
            return ring.Writer is null && _last.Sequence != 0 ? ReadStatus.WriterStopped : ReadStatus.NotReady;
        }

        if (!NameOf(ring.MessageId).SequenceEqual(NameOf(Channel.MessageId)))
        {
            found.Rejection = new Rejection(RejectReason.MessageMismatch);
            return ReadStatus.Rejected;
        }

        var taken = Math.Max(_last.Sequence, _rejected);
        if (ring.Epoch == _last.Epoch && ring.Latest <= taken)
        {
            return ring.Writer is null ? ReadStatus.WriterStopped : ReadStatus.Unchanged;
        }

        found = new SampleInfo
        {
            Epoch = ring.Epoch,
            Sequence = ring.Latest,
            PublishedMonoNs = ring.Time(ring.Latest),
            Missed = ring.Epoch == _last.Epoch ? ring.Latest - taken - 1 : 0,
        };
        return ReadStatus.Fresh;
    }

    private static ReadOnlySpan<char> NameOf(string messageId) => messageId.AsSpan(0, messageId.LastIndexOf('/'));

    private void Take(SampleInfo found)
    {
        if (found.Epoch != _last.Epoch && _last.Epoch != 0)
        {
            Counters.Resets++;
        }

        _rejected = 0;
        _last = found;
        Counters.Values++;
        Counters.Lost += (long)found.Missed;
    }
}
