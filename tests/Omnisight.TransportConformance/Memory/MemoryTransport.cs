using System.Security.Cryptography;

namespace Omnisight.TransportConformance;

/// <summary>
/// A transport within one process: the reference that the conformance suite is proven with, and a fast double for tests of modules.
/// Transports on the same <see cref="MemoryHub"/> see each other's channels.
/// </summary>
/// <example><code>
/// var hub = new MemoryHub();
/// var core = new MemoryTransport(hub);
/// var client = new MemoryTransport(hub);
/// </code></example>
public sealed class MemoryTransport(MemoryHub hub) : IInboxTransport, IChannelDirectory
{
    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new() { Encoding = PayloadEncoding.Json, Latest = true, Stream = true, MaxReaders = int.MaxValue };

    /// <inheritdoc/>
    public IPublisher OpenPublisher(ChannelSpec channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.Delivery == Delivery.Stream ? new MemoryStreamPublisher(channel, hub.Queue(channel)) : new MemoryPublisher(channel, hub.Ring(channel), NewEpoch());
    }

    /// <inheritdoc/>
    public IReader OpenReader(ChannelSpec channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.Delivery == Delivery.Stream ? new MemoryStreamReader(channel, hub.Queue(channel), "") : new MemoryReader(channel, hub.Ring(channel));
    }

    /// <inheritdoc/>
    public IInbox OpenInbox(ChannelSpec channel)
    {
        var address = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var queue = hub.Queues.GetOrAdd(MemoryHub.InboxName(channel, address), static _ => new MemoryQueue());
        return new MemoryStreamReader(channel, queue, address);
    }

    /// <inheritdoc/>
    public PublishResult Send(ChannelSpec channel, string address, ReadOnlySpan<byte> payload)
    {
        if (address is not { Length: > 0 and <= 64 } || !address.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            return PublishResult.Failed;
        }

        return payload.Length > channel.MaxPayloadBytes ? PublishResult.TooLarge
            : hub.Queues.TryGetValue(MemoryHub.InboxName(channel, address), out var queue) ? queue.Add(payload)
            : PublishResult.NoReader;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ChannelEntry> ListChannels() =>
    [
        .. hub.Rings.Where(r => r.Value.MessageId.Length > 0).Select(r => new ChannelEntry
        {
            Name = r.Key, MessageId = r.Value.MessageId, Epoch = r.Value.Epoch, Sequence = r.Value.Latest, Delivery = Delivery.Latest,
            State = r.Value.Writer is null ? "closed" : "live", PublishedMonoNs = r.Value.Latest == 0 ? 0 : r.Value.Time(r.Value.Latest),
        }),
        .. hub.Queues.Where(q => q.Value.MessageId.Length > 0).Select(q => new ChannelEntry
        {
            Name = q.Key, MessageId = q.Value.MessageId, Delivery = Delivery.Stream, State = q.Value.Reader is null && !q.Value.HasSenders ? "closed" : "live",
        }),
    ];

    private static ulong NewEpoch() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
}
