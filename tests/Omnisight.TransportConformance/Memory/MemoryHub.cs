using System.Collections.Concurrent;

namespace Omnisight.TransportConformance;

/// <summary>What the transports of one instance share in place of files: channels and inboxes by name.</summary>
public sealed class MemoryHub
{
    internal ConcurrentDictionary<string, MemoryRing> Rings { get; } = new(StringComparer.Ordinal);

    internal ConcurrentDictionary<string, MemoryQueue> Queues { get; } = new(StringComparer.Ordinal);

    internal MemoryRing Ring(ChannelSpec channel) => Rings.GetOrAdd(channel.Name.Value, static _ => new MemoryRing());

    internal MemoryQueue Queue(ChannelSpec channel) => Queues.GetOrAdd(channel.Name.Value, static _ => new MemoryQueue());

    internal static string InboxName(ChannelSpec channel, string address) => channel.Name.Value + "." + address;
}
