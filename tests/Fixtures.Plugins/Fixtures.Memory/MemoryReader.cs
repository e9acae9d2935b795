using Omnisight;

namespace Fixtures.Memory;

internal sealed class MemoryReader(ChannelSpec channel, MemoryChannel memory) : IReader
{
    private long _taken;
    private volatile bool _closed;

    public ChannelSpec Channel => channel;

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ChannelCounters Counters { get; } = new();

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        info = new SampleInfo { Epoch = 1, Sequence = (ulong)_taken, PublishedMonoNs = MonotonicClock.NowNs() };
        if (_closed)
        {
            return ReadStatus.Closed;
        }

        if (memory.After(_taken, channel.Delivery == Delivery.Latest, out var taken) is not { } payload)
        {
            return _taken == 0 ? ReadStatus.NotReady : ReadStatus.Unchanged;
        }

        _taken = taken;
        info.Sequence = (ulong)taken;
        info.Rejection = decoder.Decode(payload);
        if (!info.Rejection.IsNone)
        {
            Counters.CountReject(info.Rejection.Reason);
            return ReadStatus.Rejected;
        }

        Counters.Values++;
        return ReadStatus.Fresh;
    }

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        return !_closed;
    }

    public ValueTask DisposeAsync()
    {
        _closed = true;
        return default;
    }
}
