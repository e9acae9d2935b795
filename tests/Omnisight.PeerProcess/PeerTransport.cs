using Omnisight.Transport.Fifo;
using Omnisight.Transport.JsonFile;
using Omnisight.Transport.Shm;

namespace Omnisight.PeerProcess;

/// <summary>The transport and channel that the command line names.</summary>
internal static class PeerTransport
{
    public const string MessageId = "stress.frame/1";

    public static ITransport Open(PeerOptions options)
    {
        var scheme = options.Text("transport", "shm");
        var instance = options.Text("instance", "peer");
        var directory = options.Text("directory", Path.GetTempPath());
        return scheme switch
        {
            "shm" => new ShmTransport(new PeerContext("Transport.Shm", instance, directory, Shm(options))),
            "fifo" => new FifoTransport(new PeerContext("Transport.Fifo", instance, directory, new FifoOptions { PipeBytes = (int)options.Number("pipe", 256 * 1024), Group = options.Text("group", "") })),
            "jsonfile" => new JsonFileTransport(new PeerContext("Transport.JsonFile", instance, directory)),
            _ => throw new ArgumentException($"no transport '{scheme}'"),
        };
    }

    public static ChannelSpec Channel(PeerOptions options) => new()
    {
        Name = ChannelName.Parse(options.Text("channel", "stress")),
        MessageId = MessageId,
        Period = TimeSpan.FromMilliseconds(options.Number("period-ms", 100)),
        MaxPayloadBytes = (int)options.Number("bytes", 4096),
        Delivery = options.Text("delivery", "latest") == "stream" ? Delivery.Stream : Delivery.Latest,
    };

    private static ShmOptions Shm(PeerOptions options) => new()
    {
        Slots = (int)options.Number("slots", 4),
        ReadMode = options.Text("mode", "safe") == "safe" ? "safe" : "map",
        Directory = options.Text("shm", "/dev/shm"),
    };
}
