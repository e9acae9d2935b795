using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Omnisight.TransportConformance;

namespace Omnisight.Transport.Fifo.Tests;

public sealed class FifoConformance : TransportConformanceTests
{
    private readonly TestInstance _instance = new();

    protected override TransportCapabilities Promised =>
        TransportCapabilities.Latest | TransportCapabilities.Stream | TransportCapabilities.Sequenced | TransportCapabilities.TellsStop | TransportCapabilities.AllocationFree
        | TransportCapabilities.Blocks | TransportCapabilities.Inboxes | TransportCapabilities.Lists;

    protected override ITransport OpenTransport() => new FifoTransport(new TestPluginContext(_instance));

    protected override ValueTask DisposeInstance()
    {
        _instance.Dispose();
        return default;
    }
}
