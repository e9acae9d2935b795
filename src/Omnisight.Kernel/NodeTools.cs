using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel;

/// <summary>The channels of an instance for a tool beside it: transports and messages are loaded, no module runs, nothing is published.</summary>
/// <example><code>
/// await using var tools = await NodeTools.OpenAsync(settings);
/// foreach (var channel in tools.ListChannels()) Console.WriteLine(channel.Name);
/// </code></example>
public sealed class NodeTools : IAsyncDisposable
{
    private readonly PluginSet _plugins;
    private readonly NodeChannels _channels;
    private readonly SharedCommandClient _client;

    private NodeTools(NodeSettings settings, PluginSet plugins)
    {
        _plugins = plugins;
        _channels = new NodeChannels(settings, plugins.Transports, plugins.Messages);
        _channels.FollowInstance(mustBeOurs: false);
        _client = new SharedCommandClient(_channels.Planner, settings.Loggers, settings.Time);
    }

    /// <summary>Sends commands to the instance's core.</summary>
    public ICommandClient Commands => _client;

    /// <summary>The plugins of the directory; those with a transport or a message are loaded.</summary>
    public IReadOnlyList<PluginReport> Plugins => [.. _plugins.All.Select(PluginReport.Of)];

    /// <summary>The schemes of the loaded transports.</summary>
    public IReadOnlyList<string> Schemes => _plugins.Transports.Schemes;

    /// <summary>The known messages.</summary>
    public IReadOnlyList<IMessageFormat> Formats => _plugins.Messages.All;

    /// <summary>Loads the transports and messages of all plugins in the directory, and finds where the running instance keeps its files.</summary>
    /// <exception cref="NodeStartException">They require each other in a circle.</exception>
    public static async Task<NodeTools> OpenAsync(NodeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new NodeTools(settings, await PluginSet.LoadAsync(settings, withModules: false));
    }

    /// <summary>Every channel of the instance.</summary>
    public IReadOnlyList<ChannelEntry> ListChannels() => _channels.List();

    /// <summary>A reader of a channel, to be disposed by the caller; null when nothing is known of the channel.</summary>
    /// <exception cref="TransportException">The channel has as many readers as it may have, or the environment forbids it.</exception>
    public IReader? OpenReader(ChannelName channel) => _channels.OpenReader(channel);

    /// <summary>A publisher of a channel, to be disposed by the caller.</summary>
    /// <exception cref="NodeStartException">Nothing is known of the channel, or its transport is not loaded.</exception>
    /// <exception cref="TransportException">Another publisher holds the channel, no space, no permission, unsafe owner.</exception>
    public IPublisher OpenPublisher(ChannelName channel)
    {
        var plan = _channels.Planner.Require(channel.Value);
        return plan.Transport.OpenPublisher(plan.Spec);
    }

    /// <summary>What a channel carries and how it is judged; null when nothing is known of it.</summary>
    public ChannelSpec? Describe(ChannelName channel) => _channels.Planner.Find(channel.Value)?.Spec;

    /// <summary>The transport a channel goes by; null when nothing is known of it.</summary>
    public ITransport? TransportOf(ChannelName channel) => _channels.Planner.Find(channel.Value)?.Transport;

    /// <summary>The transport of a scheme; null when it is not loaded.</summary>
    public ITransport? Transport(string scheme) => _plugins.Transports.TryGet(scheme, out var transport) ? transport : null;

    /// <summary>How to turn a message's payload into JSON, by its name, with or without version; null when no loaded plugin knows it.</summary>
    public IMessageFormat? FindFormat(string messageId) => _plugins.Messages.Find(messageId);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _channels.DisposeAsync();
        await _plugins.DisposeAsync();
    }
}
