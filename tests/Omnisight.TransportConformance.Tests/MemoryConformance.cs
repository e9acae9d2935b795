namespace Omnisight.TransportConformance.Tests;

/// <summary>The reference transport keeps the suite's every sentence.</summary>
public class MemoryConformance : TransportConformanceTests
{
    private readonly MemoryHub _hub = new();

    protected override TransportCapabilities Promised => AllOfThem;

    internal static TransportCapabilities AllOfThem => (TransportCapabilities)((1 << 12) - 1);

    protected override ITransport OpenTransport() => new MemoryTransport(_hub);
}
