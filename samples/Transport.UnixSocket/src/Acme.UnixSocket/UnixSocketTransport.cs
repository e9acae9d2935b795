using System.Composition;
using System.Net.Sockets;
using Omnisight;

namespace Acme.UnixSocket;

/// <summary>
/// Latest channels over Unix sockets (SOCK_SEQPACKET: one packet, one value). The publisher listens at
/// <c>&lt;runtime directory&gt;/&lt;instance&gt;_&lt;channel&gt;.sock</c>, readers connect.
/// </summary>
[ExportTransport("unix")]
public sealed class UnixSocketTransport : ITransport, IChannelDirectory
{
    /// <summary>A packet is sent as a whole or not at all, so it must fit into a send buffer of the usual size.</summary>
    private const int MaxPayloadBytes = 96 * 1024;

    private const string Extension = ".sock";

    private readonly IPluginContext _context;

    [ImportingConstructor]
    public UnixSocketTransport(IPluginContext context) => _context = context;

    public TransportTraits Traits { get; } = new() { Encoding = PayloadEncoding.Binary, Latest = true };

    public IPublisher OpenPublisher(ChannelSpec channel) => new UnixSocketPublisher(Checked(channel), PathOf(channel), _context.Options<UnixSocketOptions>().Current.SendBufferBytes);

    public IReader OpenReader(ChannelSpec channel) => new UnixSocketReader(Checked(channel), PathOf(channel), _context.Time);

    /// <summary>Asks each socket: a publisher greets whoever connects with its message id and its newest value.</summary>
    public IReadOnlyList<ChannelEntry> ListChannels()
    {
        var prefix = _context.Instance + "_";
        return [.. Directory.EnumerateFiles(_context.RuntimeDirectory, prefix + "*" + Extension)
            .Select(path => Greeting.Ask(path, Path.GetFileName(path)[prefix.Length..^Extension.Length]))];
    }

    internal static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    private string PathOf(ChannelSpec channel) => Path.Combine(_context.RuntimeDirectory, $"{_context.Instance}_{channel.ResourceName}{Extension}");

    private static ChannelSpec Checked(ChannelSpec channel) => channel switch
    {
        { Delivery: not Delivery.Latest } => throw Refuse(channel, "is a Stream, and transport unix carries Latest channels only"),
        { MaxPayloadBytes: > MaxPayloadBytes } => throw Refuse(channel, $"has payloads of up to {channel.MaxPayloadBytes} bytes, and transport unix carries {MaxPayloadBytes}"),
        _ => channel,
    };

    private static TransportException Refuse(ChannelSpec channel, string why) =>
        new(TransportError.NotSupported, $"channel '{channel.Name}' {why}; choose another with Channels:{channel.Name}:Transport");
}
