namespace Omnisight.TransportConformance.Tests;

/// <summary>The suite on a faulty transport; not public, so that it runs only when a proof asks for it.</summary>
internal sealed class FaultyConformance(Fault fault) : TransportConformanceTests
{
    private readonly MemoryHub _hub = new();
    private readonly List<string> _addresses = [];

    protected override TransportCapabilities Promised => MemoryConformance.AllOfThem;

    protected override TimeSpan Watchdog => TimeSpan.FromSeconds(2);

    protected override ITransport OpenTransport() =>
        fault == Fault.HidesInboxes ? new WithoutInboxes(new MemoryTransport(_hub)) : new FaultyTransport(_hub, fault) { Addresses = _addresses };

    private sealed class WithoutInboxes(ITransport inner) : ITransport
    {
        public TransportTraits Traits => inner.Traits;

        public IPublisher OpenPublisher(ChannelSpec channel) => inner.OpenPublisher(channel);

        public IReader OpenReader(ChannelSpec channel) => inner.OpenReader(channel);
    }
}
