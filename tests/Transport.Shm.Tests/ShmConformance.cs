using Omnisight.TransportConformance;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>Safe mode keeps what every transport promises.</summary>
public sealed class ShmSafeConformance : ShmConformance
{
    protected override string Mode => "safe";

    protected override TransportCapabilities Promised => Common;
}

/// <summary>Map mode keeps the same, and leases.</summary>
public sealed class ShmMapConformance : ShmConformance
{
    protected override string Mode => "map";

    protected override TransportCapabilities Promised => Common | TransportCapabilities.Leases;
}

public abstract class ShmConformance : TransportConformanceTests
{
    protected const TransportCapabilities Common =
        TransportCapabilities.Latest | TransportCapabilities.Sequenced | TransportCapabilities.Retains | TransportCapabilities.TellsStop | TransportCapabilities.ChecksMessage
        | TransportCapabilities.AllocationFree | TransportCapabilities.Loans | TransportCapabilities.Blocks | TransportCapabilities.Lists;

    private readonly TestInstance _instance = new();

    protected abstract string Mode { get; }

    protected override ITransport OpenTransport() => new ShmTransport(new ShmContext(_instance, new ShmOptions { ReadMode = Mode }));

    protected override ValueTask DisposeInstance()
    {
        _instance.Dispose();
        return default;
    }
}
