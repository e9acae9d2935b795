using System.Net.Sockets;
using System.Text;
using Omnisight;

namespace Acme.UnixSocket;

/// <summary>What a publisher says to whoever connects.</summary>
internal static class Greeting
{
    private const int Milliseconds = 100;

    public static ChannelEntry Ask(string path, string name)
    {
        var entry = new ChannelEntry { Name = name, Path = path, State = "gone" };
        using var socket = UnixSocketTransport.NewSocket();
        try
        {
            socket.ReceiveTimeout = Milliseconds;
            socket.Connect(new UnixDomainSocketEndPoint(path));
            entry = entry with { State = "live" };
            var packet = new byte[256 * 1024];
            for (var i = 0; i < 2; i++)
            {
                var bytes = socket.Receive(packet);
                if (bytes < Packet.HeaderBytes)
                {
                    break;
                }

                entry = Read(entry, packet.AsSpan(0, bytes));
            }
        }
        catch (SocketException)
        {
            // Nobody listens, or no value yet: what is known stays.
        }

        return entry;
    }

    private static ChannelEntry Read(ChannelEntry entry, ReadOnlySpan<byte> packet)
    {
        var info = Packet.ReadInfo(packet);
        return packet[0] == Packet.Hello
            ? entry with { MessageId = Encoding.UTF8.GetString(packet[Packet.HeaderBytes..]), Epoch = info.Epoch }
            : entry with { Epoch = info.Epoch, Sequence = info.Sequence, PublishedMonoNs = info.PublishedMonoNs, PayloadBytes = packet.Length - Packet.HeaderBytes };
    }
}
