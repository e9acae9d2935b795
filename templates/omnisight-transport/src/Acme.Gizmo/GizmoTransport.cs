using System.Composition;
using Omnisight;

namespace Acme.Gizmo;

/// <summary>Latest channels as files: <c>&lt;runtime directory&gt;/&lt;instance&gt;_&lt;channel&gt;.gizmo</c>.</summary>
[ExportTransport("gizmo")]
public sealed class GizmoTransport : ITransport
{
    private readonly IPluginContext _context;

    [ImportingConstructor]
    public GizmoTransport(IPluginContext context) => _context = context;

    public TransportTraits Traits { get; } = new() { Encoding = PayloadEncoding.Binary, Latest = true };

    public IPublisher OpenPublisher(ChannelSpec channel) => new GizmoPublisher(Checked(channel), PathOf(channel));

    public IReader OpenReader(ChannelSpec channel) => new GizmoReader(Checked(channel), PathOf(channel), _context.Time, _context.Options<GizmoOptions>());

    private string PathOf(ChannelSpec channel) => Path.Combine(_context.RuntimeDirectory, $"{_context.Instance}_{channel.ResourceName}.gizmo");

    private static ChannelSpec Checked(ChannelSpec channel) => channel.Delivery == Delivery.Latest
        ? channel
        : throw new TransportException(TransportError.NotSupported, $"channel '{channel.Name}' is a Stream and transport gizmo carries Latest channels only; choose another with Channels:{channel.Name}:Transport");
}
