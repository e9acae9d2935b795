namespace Omnisight;

/// <summary>
/// Moves the bytes of channels between processes; never knows a payload. Export it with <see cref="ExportTransportAttribute"/>.
/// The kernel makes one instance per process; all members are thread-safe. Dispose it (IAsyncDisposable) to stop what it shares.
/// </summary>
/// <remarks>Expected outcomes are enum results of the two ends. What can't work at all throws <see cref="TransportException"/>.</remarks>
public interface ITransport
{
    /// <summary>What this transport can do.</summary>
    TransportTraits Traits { get; }

    /// <summary>Opens the writing end. A Latest channel has one writer; a Stream channel may have many.</summary>
    /// <exception cref="TransportException">Another publisher holds the channel, no space, no permission, unsafe owner.</exception>
    IPublisher OpenPublisher(ChannelSpec channel);

    /// <summary>Opens a reading end. It need not find a writer: it attaches when one comes.</summary>
    /// <exception cref="TransportException">The channel has as many readers as it may have, or the environment forbids it.</exception>
    IReader OpenReader(ChannelSpec channel);
}
