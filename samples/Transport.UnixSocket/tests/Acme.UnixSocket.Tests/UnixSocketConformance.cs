using Omnisight;
using Omnisight.TransportConformance;

namespace Acme.UnixSocket.Tests;

public sealed class UnixSocketConformance : TransportConformanceTests
{
    private readonly TestContext _context = new();

    protected override TransportCapabilities Promised =>
        TransportCapabilities.Latest | TransportCapabilities.Sequenced | TransportCapabilities.Retains | TransportCapabilities.TellsStop
        | TransportCapabilities.ChecksMessage | TransportCapabilities.Lists;

    protected override ITransport OpenTransport() => new UnixSocketTransport(_context);

    protected override ValueTask DisposeInstance()
    {
        _context.Dispose();
        return default;
    }
}
