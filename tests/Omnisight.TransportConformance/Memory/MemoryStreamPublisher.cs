namespace Omnisight.TransportConformance;

/// <summary>A sender of a <see cref="MemoryQueue"/>.</summary>
internal sealed class MemoryStreamPublisher : IPublisher
{
    private readonly MemoryQueue _queue;
    private bool _closed;

    public MemoryStreamPublisher(ChannelSpec channel, MemoryQueue queue)
    {
        Channel = channel;
        _queue = queue;
        queue.AddSender(channel);
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Json;

    public ulong Epoch => 0;

    public ChannelCounters Counters { get; } = new();

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        if (_closed)
        {
            return PublishResult.Closed;
        }

        var result = payload.Length > Channel.MaxPayloadBytes ? PublishResult.TooLarge : _queue.Add(payload);
        if (result == PublishResult.Published)
        {
            Counters.Values++;
            Counters.Bytes += payload.Length;
        }
        else if (result == PublishResult.Full)
        {
            Counters.Lost++;
        }

        return result;
    }

    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            _queue.RemoveSender();
        }

        return default;
    }
}
