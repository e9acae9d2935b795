using Omnisight;

namespace Fixtures.ThrowsInListing;

/// <summary>A transport that can be made, and then answers nothing.</summary>
[ExportTransport("moody")]
public sealed class Moody : IChannelDirectory
{
    public TransportTraits Traits => throw new InvalidOperationException("no traits today");

    public IPublisher OpenPublisher(ChannelSpec channel) => throw new InvalidOperationException("no publisher today");

    public IReader OpenReader(ChannelSpec channel) => throw new InvalidOperationException("no reader today");

    public IReadOnlyList<ChannelEntry> ListChannels() => throw new InvalidOperationException("no list today");
}
