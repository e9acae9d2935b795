using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Omnisight.TransportConformance;

namespace Omnisight.Transport.JsonFile.Tests;

public sealed class JsonFileConformance : TransportConformanceTests
{
    private readonly TestInstance _instance = new();

    protected override TransportCapabilities Promised =>
        TransportCapabilities.Latest | TransportCapabilities.Sequenced | TransportCapabilities.Retains | TransportCapabilities.TellsStop
        | TransportCapabilities.AllocationFree | TransportCapabilities.Lists;

    protected override ITransport OpenTransport() => new JsonFileTransport(new TestPluginContext(_instance));

    protected override ValueTask DisposeInstance()
    {
        _instance.Dispose();
        return default;
    }
}
