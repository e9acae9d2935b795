using Microsoft.Extensions.Logging;
using Omnisight.Messages;
using Omnisight.TestKit;

namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>What the kernel would give the API, with channels in memory and a core that answers what the test says.</summary>
internal sealed class ScriptedNode : IModuleContext, ILiveOptions<RestOptions>, IDisposable
{
    private static readonly IMessageFormat[] Formats =
    [
        new DetectionCodec(), new TrackCodec(), new TimelineCodec(), new StatsCodec(), new StatusCodec(), new PluginsCodec(), new ConfigCodec(), new ProcessCodec(), new SwarmCodec(),
    ];

    private readonly TestInstance _instance = new();
    private readonly Dictionary<string, MemoryChannel> _channels = [];

    public ScriptedNode()
    {
        foreach (var format in Formats.Where(f => f.Name is not ("omnisight.process" or "omnisight.swarm")))
        {
            _ = Add(format.DefaultChannel);
        }
    }

    public RestOptions Current { get; } = new() { Urls = "http://127.0.0.1:0" };

    public ScriptedCore Core { get; } = new();

    public LogBook Log { get; } = new();

    public MemoryChannel this[string channel] => _channels[channel];

    public string PluginId => "Api.Rest";

    public string Instance => _instance.Name;

    public string RuntimeDirectory => _instance.Directory;

    public ILoggerFactory Loggers => Log;

    public TimeProvider Time => TimeProvider.System;

    public ICommandClient Commands => Core;

    public bool IsReady { get; private set; }

    public MemoryChannel Add(ChannelSpec spec) => _channels[spec.Name.Value] = new MemoryChannel(spec);

    public MemoryChannel Add(string name, string messageId, TimeSpan period = default, Delivery delivery = Delivery.Latest) =>
        Add(new ChannelSpec { Name = ChannelName.Parse(name), MessageId = messageId, Period = period, Delivery = delivery });

    public ILiveOptions<T> Options<T>()
        where T : class, new() => (ILiveOptions<T>)(object)this;

    public void Ready() => IsReady = true;

    public IPublisher? OpenPublisher(ChannelName channel) => null;

    public IReader? OpenReader(ChannelName channel) => _channels.GetValueOrDefault(channel.Value)?.OpenReader();

    public IReadOnlyList<ChannelEntry> ListChannels() => [.. _channels.Values.Select(c => c.Entry)];

    public IMessageFormat? FindFormat(string messageId) => Formats.FirstOrDefault(f => messageId == f.Name || messageId.StartsWith(f.Name + "/", StringComparison.Ordinal));

    public void Handle(ICommandHandler handler) => throw new NotSupportedException();

    public void Report(string section, string name, double value)
    {
    }

    public void Dispose() => _instance.Dispose();
}
