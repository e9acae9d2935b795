using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>
/// Cuts connections whose client takes nothing of what waits for it, whatever that is: a stream, a page, a socket. The kernel
/// knows at the first byte that stays; the server only once every buffer before it is full. (Kestrel's own rate gives a
/// megabyte an hour.)
/// </summary>
internal sealed class SendWatch
{
    private const int IpProtoTcp = 6;
    private const int TcpInfo = 11;

    // Offsets in struct tcp_info of linux/tcp.h, which only ever grows at its end.
    private const int Unacked = 24, BytesAcked = 120, NotSent = 144, Needed = NotSent + sizeof(uint);

    private readonly ConcurrentDictionary<Watched, bool> _connections = new();
    private long _cut;

    private sealed class Watched(ConnectionContext connection, Socket socket)
    {
        public ConnectionContext Connection => connection;

        public Socket Socket => socket;

        public ulong Acknowledged;
        public long StuckSinceNs;
        public volatile bool IsCut;
    }

    /// <summary>Connections cut so far.</summary>
    public long Cut => Interlocked.Read(ref _cut);

    /// <summary>Was the connection of this request cut?</summary>
    public static bool WasCut(HttpContext context) => context.Features.Get<Watched>() is { IsCut: true };

    public ConnectionDelegate Wrap(ConnectionDelegate next) => async connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>() is not { } feature)
        {
            await next(connection);
            return;
        }

        var watched = new Watched(connection, feature.Socket);
        connection.Features.Set(watched);
        _connections[watched] = true;
        try
        {
            await next(connection);
        }
        finally
        {
            _ = _connections.TryRemove(watched, out _);
        }
    };

    /// <summary>Looks at every connection once. Called about once a second.</summary>
    public void Round(long nowNs, long patienceNs)
    {
        foreach (var watched in _connections.Keys)
        {
            if (!IsStuck(watched))
            {
                watched.StuckSinceNs = 0;
            }
            else if (watched.StuckSinceNs == 0)
            {
                watched.StuckSinceNs = nowNs;
            }
            else if (nowNs - watched.StuckSinceNs >= patienceNs && !watched.IsCut)
            {
                watched.IsCut = true;
                _ = Interlocked.Increment(ref _cut);
                watched.Connection.Abort(new ConnectionAbortedException("the client took nothing of what it was sent"));
            }
        }
    }

    /// <summary>Something waits, and the other side acknowledged nothing since the last look.</summary>
    private static bool IsStuck(Watched watched)
    {
        Span<byte> info = stackalloc byte[Needed];
        try
        {
            if (watched.Socket.GetRawSocketOption(IpProtoTcp, TcpInfo, info) < Needed)
            {
                return false;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was closed a moment ago.
            return false;
        }

        var acknowledged = BinaryPrimitives.ReadUInt64LittleEndian(info[BytesAcked..]);
        var waits = BinaryPrimitives.ReadUInt32LittleEndian(info[Unacked..]) > 0 || BinaryPrimitives.ReadUInt32LittleEndian(info[NotSent..]) > 0;
        var moved = acknowledged != watched.Acknowledged;
        watched.Acknowledged = acknowledged;
        return waits && !moved;
    }
}
