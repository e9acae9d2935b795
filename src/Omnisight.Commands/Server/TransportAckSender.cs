namespace Omnisight.Commands;

/// <summary>
/// Acknowledgements over a transport: named inboxes through <see cref="IInboxTransport"/>, all others, and those of transports
/// without inboxes, through one shared publisher.
/// </summary>
public sealed class TransportAckSender : IAckSender, IAsyncDisposable
{
    private readonly IInboxTransport? _inboxes;
    private readonly ChannelSpec _channel;
    private readonly IPublisher _shared;
    private readonly Lock _gate = new();
    private long _refused;

    /// <summary>Opens the shared publisher.</summary>
    /// <exception cref="TransportException">The transport can't open it.</exception>
    public TransportAckSender(ITransport acks, ChannelSpec channel)
    {
        ArgumentNullException.ThrowIfNull(acks);
        ArgumentNullException.ThrowIfNull(channel);
        _inboxes = acks as IInboxTransport;
        _channel = channel;
        _shared = acks.OpenPublisher(channel);
    }

    /// <inheritdoc/>
    public PublishResult Send(string? replyTo, ReadOnlySpan<byte> line)
    {
        if (replyTo is not null && _inboxes is not null)
        {
            return _inboxes.Send(_channel, replyTo, line);
        }

        lock (_gate)
        {
            var result = _shared.Publish(line);
            _refused += result == PublishResult.Published ? 0 : 1;
            return result;
        }
    }

    /// <inheritdoc/>
    public long LostLater
    {
        get
        {
            lock (_gate)
            {
                return _shared.Counters.Lost - _refused;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _shared.DisposeAsync();
}
