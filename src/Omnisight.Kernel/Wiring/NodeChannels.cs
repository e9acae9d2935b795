using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Composition;

namespace Omnisight.Kernel.Wiring;

/// <summary>The channels of one process: plans, the publishers it owns, the readers it opened. Thread-safe once wired.</summary>
internal sealed class NodeChannels : IAsyncDisposable
{
    private readonly NodeSettings _settings;
    private readonly ILogger _logger;
    private readonly ChannelDirectories _directories;

    public NodeChannels(NodeSettings settings, TransportCatalog transports, MessageCatalog messages)
    {
        _settings = settings;
        _logger = settings.Loggers.CreateLogger("Omnisight.Wiring");
        _directories = new ChannelDirectories(transports, _logger, settings.Time);
        Planner = new ChannelPlanner(settings.Configuration, transports, messages, _directories);
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

        try
        {
            var reader = plan.Transport.OpenReader(plan.Spec);
            Readers.Add(reader, plan.Scheme);
            return reader;
        }
        catch (Exception e) when (e is not TransportException)
        {
            throw new TransportException(TransportError.NotSupported, $"channel '{channel}' can't be read by transport '{plan.Scheme}': {e.GetType().Name}: {e.Message}", e);
        }
    }

    /// <summary>Looks for the running instance's directory, before this process opens anything.</summary>
    public void FollowInstance(bool mustBeOurs) => InstanceDirectory.Follow(_settings.Configuration, _directories, mustBeOurs, _logger);

    public IReadOnlyList<ChannelEntry> List() => ChannelListing.Of(Planner, _directories);

    public ValueTask DisposeAsync() => Publishers.DisposeAsync();
}
