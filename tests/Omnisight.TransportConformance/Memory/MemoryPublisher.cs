namespace Omnisight.TransportConformance;

/// <summary>The writing end of a <see cref="MemoryRing"/>.</summary>
internal sealed class MemoryPublisher : ILoaningPublisher
{
    private readonly MemoryRing _ring;
    private bool _closed, _loaned;

    public MemoryPublisher(ChannelSpec channel, MemoryRing ring, ulong epoch)
    {
        Channel = channel;
        Epoch = epoch;
        _ring = ring;
        if (!ring.TryOpen(this, channel, epoch))
        {
            throw new TransportException(TransportError.InUse, $"channel '{channel.Name}' already has a publisher; dispose it first");
        }
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Json;

    public ulong Epoch { get; }

    public ChannelCounters Counters { get; } = new();

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        if (_closed)
        {
            return PublishResult.Closed;
        }

        if (payload.Length > Channel.MaxPayloadBytes)
        {
            return PublishResult.TooLarge;
        }

        payload.CopyTo(_ring.Begin());
        return CommitLoan(payload.Length);
    }

    public PublishResult TryLoan(int payloadBytes, out Loan loan)
    {
        loan = default;
        if (_loaned)
        {
            throw new InvalidOperationException("a loan is open already: commit or drop it first");
        }

        if (_closed)
        {
            return PublishResult.Closed;
        }

        if (payloadBytes > Channel.MaxPayloadBytes)
        {
            return PublishResult.TooLarge;
        }

        _loaned = true;
        loan = new Loan(this, _ring.Begin());
        return PublishResult.Published;
    }

    public PublishResult CommitLoan(int payloadBytes)
    {
        _loaned = false;
        _ring.Commit(payloadBytes, MonotonicClock.NowNs());
        Counters.Values++;
        Counters.Bytes += payloadBytes;
        return PublishResult.Published;
    }

    public void DropLoan() => _loaned = false;

    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            _ring.Close();
        }

        return default;
    }
}
