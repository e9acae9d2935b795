using Omnisight;

namespace Fixtures.Memory;

internal sealed class MemoryPublisher(ChannelSpec channel, MemoryChannel memory) : IPublisher
{
    private bool _closed;

    public ChannelSpec Channel => channel;

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ulong Epoch => 1;

    public ChannelCounters Counters { get; } = new();

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        if (_closed)
        {
            return PublishResult.Closed;
        }

        memory.Add(payload);
        Counters.Values++;
        Counters.Bytes += payload.Length;
        return PublishResult.Published;
    }

    public ValueTask DisposeAsync()
    {
        _closed = true;
        memory.HasPublisher = 0;
        return default;
    }
}
