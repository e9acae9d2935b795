namespace Omnisight.TransportConformance;

/// <summary>The reader of a <see cref="MemoryQueue"/>, shared channel or inbox.</summary>
internal sealed class MemoryStreamReader : IInbox, IBlockingReader
{
    private readonly MemoryQueue _queue;
    private byte[] _copy = [];
    private SampleInfo _last;
    private ulong _rejected;
    private long _seen = -1;
    private volatile bool _closed;

    public MemoryStreamReader(ChannelSpec channel, MemoryQueue queue, string address)
    {
        Channel = channel;
        Address = address;
        _queue = queue;
        if (!queue.TryAttach(this))
        {
            throw new TransportException(TransportError.InUse, $"channel '{channel.Name}' already has its reader; dispose it first");
        }
    }

    public string Address { get; }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Json;

    public ChannelCounters Counters { get; } = new();

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        info = _last;
        if (_closed)
        {
            return ReadStatus.Closed;
        }

        _seen = _queue.Signal.Version;
        var length = _queue.Take(ref _copy);
        if (length < 0)
        {
            return _last.Sequence + _rejected == 0 ? ReadStatus.NotReady : ReadStatus.Unchanged;
        }

        var rejection = decoder.Decode(_copy.AsSpan(0, length));
        if (!rejection.IsNone)
        {
            _rejected++;
            Counters.CountReject(rejection.Reason);
            info.Rejection = rejection;
            return ReadStatus.Rejected;
        }

        _last.Sequence += 1 + _rejected;
        _rejected = 0;
        _last.PublishedMonoNs = MonotonicClock.NowNs();
        Counters.Values++;
        Counters.Bytes += length;
        info = _last;
        return ReadStatus.Fresh;
    }

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (!_closed && !_queue.HasMessage)
        {
            await _queue.Signal.WaitAsync(_seen, cancellationToken);
        }

        return !_closed;
    }

    public bool Wait(TimeSpan timeout) => !_closed && (_queue.HasMessage || _queue.Signal.Wait(_seen, timeout));

    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            _queue.Detach();
            _queue.Signal.Wake();
        }

        return default;
    }
}
