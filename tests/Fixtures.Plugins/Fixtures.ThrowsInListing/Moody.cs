using Omnisight;

namespace Fixtures.ThrowsInListing;

/// <summary>A transport that is loaded like any other, and then fails at whatever it is asked.</summary>
[ExportTransport("moody")]
public sealed class Moody : IChannelDirectory
{
    public TransportTraits Traits { get; } = new() { Encoding = PayloadEncoding.Binary, Latest = true };

    public IPublisher OpenPublisher(ChannelSpec channel) => throw new InvalidOperationException("no publisher today");

    public IReader OpenReader(ChannelSpec channel) => throw new InvalidOperationException("no reader today");

    public IReadOnlyList<ChannelEntry> ListChannels() => throw new InvalidOperationException("no list today");
}
