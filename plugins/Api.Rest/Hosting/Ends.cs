using System.Buffers.Binary;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>The two ends of a connection as one of them sees it: what tells sockets of this machine apart. Of IPv6 addresses only the last four bytes, in which those of one machine differ.</summary>
internal readonly record struct Ends(uint LocalAddress, ushort LocalPort, uint RemoteAddress, ushort RemotePort)
{
    /// <summary>The ends of a connection whose client is on this machine, as the client sees them; null = it is elsewhere.</summary>
    public static Ends? OfLocalClient(ConnectionContext server) =>
        server is { RemoteEndPoint: IPEndPoint client, LocalEndPoint: IPEndPoint own } && (IPAddress.IsLoopback(client.Address) || client.Address.Equals(own.Address))
            ? new Ends(Word(client.Address), (ushort)client.Port, Word(own.Address), (ushort)own.Port)
            : null;

    /// <summary>The last four bytes, as /proc/net/tcp prints them: in the machine's own order.</summary>
    private static uint Word(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var length);
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - 4)..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[(length - 4)..]);
    }
}
