using System.Collections.Concurrent;
using Omnisight;

namespace Fixtures.Memory;

/// <summary>Channels between the ends of one process: the least that a kernel needs.</summary>
[ExportTransport("memory")]
public sealed class MemoryTransport : IChannelDirectory
{
    private readonly ConcurrentDictionary<string, MemoryChannel> _channels = new();

    public TransportTraits Traits { get; } = new() { Encoding = PayloadEncoding.Binary, Latest = true, Stream = true };

    public IPublisher OpenPublisher(ChannelSpec channel)
    {
        var memory = Channel(channel);
        if (channel.Delivery == Delivery.Latest && Interlocked.Exchange(ref memory.HasPublisher, 1) != 0)
        {
            throw new TransportException(TransportError.InUse, $"channel '{channel.Name}' already has a publisher (pid {Environment.ProcessId}); stop it or choose another Omnisight:Instance");
        }

        return new MemoryPublisher(channel, memory);
    }

    public IReader OpenReader(ChannelSpec channel) => new MemoryReader(channel, Channel(channel));

    public IReadOnlyList<ChannelEntry> ListChannels() => [.. _channels.Values.Where(c => c.HasPublisher != 0).Select(c => new ChannelEntry
    {
        Name = c.Name, MessageId = c.MessageId, State = "live", Path = "memory:" + c.Name, Sequence = (ulong)c.Sequence,
    })];

    private MemoryChannel Channel(ChannelSpec spec) => _channels.GetOrAdd(spec.Name.Value, _ => new MemoryChannel(spec.Name.Value, spec.MessageId));
}
