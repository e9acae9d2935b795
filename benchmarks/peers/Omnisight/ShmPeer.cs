using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight;
using Omnisight.Transport.Shm;

namespace PeersBench;

/// <summary>The transport as a peer of the harness: the publishing end.</summary>
public sealed class OmnisightPub : IPub
{
    private readonly IPublisher _publisher;

    public OmnisightPub(string topic, int bytes) => _publisher = OmnisightPeer.Transport().OpenPublisher(OmnisightPeer.Channel(topic, bytes));

    public void Publish(ReadOnlySpan<byte> f) => _publisher.Publish(f);
}

/// <summary>The reading end: leases in map mode.</summary>
public sealed class OmnisightSub(string topic, int bytes) : ISub
{
    private readonly ILeasingReader _reader = (ILeasingReader)OmnisightPeer.Transport().OpenReader(OmnisightPeer.Channel(topic, bytes));

    public bool CanReread => true;

    public ReadOnlySpan<byte> Recv(int ms)
    {
        var taken = Take();
        return taken.IsEmpty && ((IBlockingReader)_reader).Wait(TimeSpan.FromMilliseconds(ms)) ? Take() : taken;
    }

    public ReadOnlySpan<byte> Take() => _reader.TryLease(out var lease) == ReadStatus.Fresh && lease.Validate() ? lease.Payload : default;

    public ReadOnlySpan<byte> Reread() => _reader.TryLease(out var lease) is ReadStatus.Fresh or ReadStatus.Unchanged && lease.Validate() ? lease.Payload : default;
}

internal static class OmnisightPeer
{
    public static ShmTransport Transport() => new(new Context());

    public static ChannelSpec Channel(string topic, int bytes) => new() { Name = ChannelName.Parse(topic), MessageId = "peers.frame/1", MaxPayloadBytes = bytes };

    private sealed class Context : IPluginContext
    {
        public string PluginId => "Transport.Shm";

        public string Instance => "peers";

        public string RuntimeDirectory => Path.GetTempPath();

        public ILoggerFactory Loggers => NullLoggerFactory.Instance;

        public TimeProvider Time => TimeProvider.System;

        public ILiveOptions<T> Options<T>()
            where T : class, new() => new Live<T>((T)(object)new ShmOptions { ReadMode = "map" });

        private sealed record Live<T>(T Current) : ILiveOptions<T>;
    }
}
