namespace Omnisight.TransportConformance.Tests;

/// <summary>The reference transport with one fault, to prove that the suite sees it.</summary>
internal sealed class FaultyTransport(MemoryHub hub, Fault fault) : IInboxTransport, IChannelDirectory
{
    private static readonly ChannelSpec Decoy = new() { Name = ChannelName.Parse("decoy"), MessageId = "decoy/1" };

    private readonly MemoryTransport _inner = new(hub);

    public TransportTraits Traits => _inner.Traits;

    public IPublisher OpenPublisher(ChannelSpec channel)
    {
        try
        {
            return new FaultyPublisher(_inner.OpenPublisher(Rename(channel)), fault);
        }
        catch (TransportException) when (fault == Fault.AdmitsSecondPublisher)
        {
            return new FaultyPublisher(_inner.OpenPublisher(Decoy), fault);
        }
    }

    public IReader OpenReader(ChannelSpec channel) =>
        new FaultyReader(_inner.OpenReader(fault == Fault.IgnoresMessageId && channel.Delivery == Delivery.Latest ? channel with { MessageId = "conformance.sample/1" } : channel), fault);

    public IInbox OpenInbox(ChannelSpec channel)
    {
        var inbox = _inner.OpenInbox(channel);
        Addresses.Add(inbox.Address);
        return new FaultyReader(inbox, fault);
    }

    public PublishResult Send(ChannelSpec channel, string address, ReadOnlySpan<byte> payload)
    {
        var result = _inner.Send(channel, fault == Fault.InboxesAreShared && Addresses.Count > 0 ? Addresses[0] : address, payload);
        return (fault, result) switch
        {
            (Fault.AcceptsBadAddress, PublishResult.Failed) => PublishResult.NoReader,
            (Fault.SendsToNobody, PublishResult.NoReader) => PublishResult.Published,
            _ => result,
        };
    }

    public IReadOnlyList<ChannelEntry> ListChannels() => fault == Fault.ListsNothing ? [] : _inner.ListChannels();

    /// <summary>The inboxes of this test, in the order they were opened.</summary>
    public required List<string> Addresses { get; init; }

    private ChannelSpec Rename(ChannelSpec channel) =>
        fault == Fault.MixesChannels && channel.Delivery == Delivery.Stream ? channel with { Name = ChannelName.Parse("messages") } : channel;
}
