using Omnisight;
using Omnisight.TransportConformance;

namespace Acme.Gizmo.Tests;

/// <summary>All that a transport must do; the flags say what this one promises.</summary>
public sealed class GizmoConformance : TransportConformanceTests
{
    private readonly TestContext _context = new();

    protected override TransportCapabilities Promised =>
        TransportCapabilities.Latest | TransportCapabilities.Sequenced | TransportCapabilities.Retains | TransportCapabilities.TellsStop;

    protected override ITransport OpenTransport() => new GizmoTransport(_context);

    protected override ValueTask DisposeInstance()
    {
        _context.Dispose();
        return default;
    }
}
