using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Wiring;

/// <summary>The channels of one process: plans, the publishers it owns, the readers it opened. Thread-safe once wired.</summary>
internal sealed class NodeChannels : IAsyncDisposable
{
    private readonly TransportCatalog _transports;

    public NodeChannels(NodeConfiguration configuration, TransportCatalog transports, MessageCatalog messages)
    {
        _transports = transports;
        Planner = new ChannelPlanner(configuration, transports, messages);
    }

    public ChannelPlanner Planner { get; }

    public PublisherTable Publishers { get; } = new();

    public ReaderLedger Readers { get; } = new();

    /// <summary>Channels whose only reader is the kernel itself.</summary>
    public HashSet<string> TakenByKernel { get; } = new(StringComparer.Ordinal);

    /// <summary>A reader of a channel; null when no transport carries it.</summary>
    /// <exception cref="TransportException">The channel has as many readers as it may have, or the environment forbids it.</exception>
    public IReader? OpenReader(ChannelName channel)
    {
        if (Planner.Find(channel.Value) is not { } plan)
        {
            return null;
        }

        if (TakenByKernel.Contains(channel.Value) && plan.Transport.Traits.MaxReaders == 1)
        {
            throw new TransportException(
                TransportError.InUse, $"channel '{channel}' on '{plan.Scheme}' has one reader, and that is the kernel of this process; register a handler with IModuleContext.Handle instead");
        }

        var reader = plan.Transport.OpenReader(plan.Spec);
        Readers.Add(reader, plan.Scheme);
        return reader;
    }

    public IReadOnlyList<ChannelEntry> List() => ChannelListing.Of(Planner, _transports);

    public ValueTask DisposeAsync() => Publishers.DisposeAsync();
}
