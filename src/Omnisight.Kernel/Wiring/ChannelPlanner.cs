using Omnisight.Commands;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Wiring;

/// <summary>Decides for each channel what it carries and on which transport: configuration first, then the message's own defaults. Thread-safe.</summary>
internal sealed class ChannelPlanner(NodeConfiguration configuration, TransportCatalog transports, MessageCatalog messages, ChannelDirectories directories)
{
    /// <summary>Channels are wired at start; a change of their settings counts from the next.</summary>
    private readonly IReadOnlyDictionary<string, ChannelSettings> _settings = configuration.Channels;

    /// <summary>What a channel goes by when nothing configures it; when that scheme is not loaded, by any that can carry it.</summary>
    private const string LatestScheme = "shm", StreamScheme = "fifo", DocumentScheme = "jsonfile";

    /// <summary>A channel of a message nobody here knows: what a reader of its bytes makes room for.</summary>
    private const int UnknownPayloadBytes = 64 << 20;

    /// <summary>The names of all channels that are configured or that a known message has for its default.</summary>
    public IReadOnlyList<string> KnownChannels =>
        [.. _settings.Keys.Concat(messages.All.Where(m => m.Name != KernelDocuments.ProcessMessage).Select(m => m.DefaultChannel.Name.Value))
            .Append(CommandChannels.Commands.Name.Value).Append(CommandChannels.Acks.Name.Value).Distinct(StringComparer.Ordinal)];

    /// <summary>The channel whose files carry this name.</summary>
    public static string ChannelOfResource(string resource) =>
        resource == CommandChannels.Commands.ResourceName ? CommandChannels.Commands.Name.Value
        : resource == CommandChannels.Acks.ResourceName ? CommandChannels.Acks.Name.Value
        : resource;

    /// <summary>The plan of a channel; null when nothing is known of it, or no loaded transport can carry it.</summary>
    public ChannelPlan? Find(string channel) => Describe(channel) is { } known ? Route(known, required: false) : Discover(channel);

    /// <summary>The plan of a channel that this process must open.</summary>
    /// <exception cref="NodeStartException">Nothing is known of the channel, or its transport is not loaded or can't carry it.</exception>
    public ChannelPlan Require(string channel) =>
        Describe(channel) is { } known
            ? Route(known, required: true)!
            : throw new NodeStartException(ExitCodes.Configuration, $"channel '{channel}' carries no known message; load the plugin that brings it, or set Channels:{channel}:Message");

    private (ChannelSpec Spec, IMessageFormat? Format, bool Document)? Describe(string channel)
    {
        if (channel == CommandChannels.Commands.Name.Value)
        {
            return (CommandChannels.Commands, null, false);
        }

        if (channel == CommandChannels.Acks.Name.Value)
        {
            return (CommandChannels.Acks, null, false);
        }

        var settings = _settings.GetValueOrDefault(channel);
        var format = settings?.Message is { } message ? messages.Find(message)
            : channel.StartsWith(KernelDocuments.ProcessPrefix, StringComparison.Ordinal) ? messages.Find(KernelDocuments.ProcessMessage)
            : messages.FindByChannel(channel);
        if (format is null)
        {
            return null;
        }

        var spec = format.DefaultChannel with
        {
            Name = ChannelName.Parse(channel),
            ResourceName = channel,
            Period = settings?.Period ?? format.DefaultChannel.Period,
            StaleAfter = settings?.StaleAfter ?? format.DefaultChannel.StaleAfter,
            Capacity = settings?.Capacity ?? format.DefaultChannel.Capacity,
        };
        return (spec, format, KernelDocuments.Formats.Any(f => f.Name == format.Name));
    }

    private ChannelPlan? Route((ChannelSpec Spec, IMessageFormat? Format, bool Document) known, bool required)
    {
        var (spec, format, document) = known;
        var name = spec.Name.Value;
        var settings = _settings.GetValueOrDefault(name);
        var scheme = settings?.Transport ?? DefaultScheme(spec, document);
        if (scheme is null || !transports.TryGet(scheme, out var transport))
        {
            return required
                ? throw new NodeStartException(
                    ExitCodes.Configuration,
                    $"channel '{name}' goes by transport '{scheme}', which no active plugin provides (there are: {string.Join(", ", transports.Schemes)}); add its plugin to Plugins:Use, or set Channels:{name}:Transport")
                : null;
        }

        var traits = TraitsOf(scheme, transport);
        if (spec.Delivery == Delivery.Latest ? !traits.Latest : !traits.Stream)
        {
            throw new NodeStartException(
                ExitCodes.Configuration, $"transport '{scheme}' can't carry channel '{name}': it has no {spec.Delivery} delivery; set Channels:{name}:Transport to another of {string.Join(", ", transports.Schemes)}");
        }

        return new ChannelPlan(format is null ? spec : Sized(spec, format, settings?.Version, traits, scheme), scheme, transport, format);
    }

    /// <summary>The version to write, and the room it takes.</summary>
    private static ChannelSpec Sized(ChannelSpec spec, IMessageFormat format, int? configured, TransportTraits traits, string scheme)
    {
        var version = configured ?? Math.Clamp(traits.PayloadVersion ?? format.MaxVersion, format.MinVersion, format.MaxVersion);
        if (version < format.MinVersion || version > format.MaxVersion)
        {
            throw new NodeStartException(
                ExitCodes.Configuration, $"Channels:{spec.Name}:Version is {version}, but {format.Name} has {format.MinVersion} to {format.MaxVersion} (transport '{scheme}')");
        }

        return spec with
        {
            MessageId = new MessageId(format.Name, version).ToString(),
            MaxPayloadBytes = format.MaxBytes(version, spec.Capacity, traits.Encoding),
        };
    }

    private string? DefaultScheme(ChannelSpec spec, bool document)
    {
        var preferred = document ? DocumentScheme : spec.Delivery == Delivery.Stream ? StreamScheme : LatestScheme;
        return transports.TryGet(preferred, out _) ? preferred : transports.Schemes.FirstOrDefault(s => Carries(s, spec.Delivery)) ?? preferred;
    }

    private bool Carries(string scheme, Delivery delivery)
    {
        try
        {
            return transports.TryGet(scheme, out var transport) && TraitsOf(scheme, transport) is var traits && (delivery == Delivery.Latest ? traits.Latest : traits.Stream);
        }
        catch (NodeStartException)
        {
            return false;
        }
    }

    /// <summary>A transport is a plugin's code, which may throw where it should only answer.</summary>
    private static TransportTraits TraitsOf(string scheme, ITransport transport)
    {
        try
        {
            return transport.Traits;
        }
        catch (Exception e)
        {
            throw new NodeStartException(ExitCodes.Configuration, $"transport '{scheme}' does not say what it can do: {e.GetType().Name}: {e.Message}; take its plugin out of Plugins:Use", e);
        }
    }

    /// <summary>A channel that only its transport knows: somebody else's, of a message that no plugin here knows.</summary>
    private ChannelPlan? Discover(string channel)
    {
        if (!ChannelName.TryParse(channel, out var name) || directories.List().FirstOrDefault(e => e.Name == channel) is not { } entry
            || !transports.TryGet(entry.Transport, out var transport))
        {
            return null;
        }

        var spec = new ChannelSpec
        {
            Name = name,
            MessageId = entry.MessageId,
            Delivery = entry.Delivery,
            Period = entry.Period,
            MaxPayloadBytes = UnknownPayloadBytes,
        };
        return new ChannelPlan(spec, entry.Transport, transport, entry.MessageId.Length > 0 ? messages.Find(entry.MessageId) : null);
    }
}
