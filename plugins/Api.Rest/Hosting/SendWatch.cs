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
/// megabyte an hour.) A stream of small values takes minutes to fill the client's own buffer: where the client is on this
/// machine, what lies unread in there counts as waiting too.
/// </summary>
internal sealed class SendWatch
{
    private const int IpProtoTcp = 6;
    private const int TcpInfo = 11;

    // Offsets in struct tcp_info of linux/tcp.h, which only ever grows at its end.
    private const int Unacked = 24, BytesAcked = 120, NotSent = 144, Needed = NotSent + sizeof(uint);

    private readonly ConcurrentDictionary<Watched, bool> _connections = new();
    private readonly ConcurrentDictionary<Ends, Watched> _localStreams = new();
    private readonly SocketTable _sockets = new();
    private long _cut;
    private long _tableReadNs = long.MinValue / 2;

    private sealed class Watched(ConnectionContext connection, Socket socket)
    {
        /// <summary>Most that the other side was known to have taken: acknowledged and not left unread.</summary>
        private long _taken;
        private long _acknowledged;
        private bool _waits;

        /// <summary>What its kernel holds for it unread; only known of streams of this machine.</summary>
        public uint Unread;
        public long StuckSinceNs;
        public volatile bool IsCut;

        public ConnectionContext Connection => connection;

        /// <summary>Where to find its client among the sockets of this machine; null = elsewhere, or no stream.</summary>
        public Ends? LocalStream { get; set; }

        /// <summary>Asks the kernel what was acknowledged and what waits.</summary>
        public void Look()
        {
            Span<byte> info = stackalloc byte[Needed];
            Unread = 0;
            _waits = false;
            try
            {
                if (socket.GetRawSocketOption(IpProtoTcp, TcpInfo, info) >= Needed)
                {
                    _acknowledged = BinaryPrimitives.ReadInt64LittleEndian(info[BytesAcked..]);
                    _waits = BinaryPrimitives.ReadUInt32LittleEndian(info[Unacked..]) > 0 || BinaryPrimitives.ReadUInt32LittleEndian(info[NotSent..]) > 0;
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It was closed a moment ago.
            }
        }

        /// <summary>Something waits, here or unread over there, and nothing was taken since the last time that this was asked.</summary>
        public bool IsStuck()
        {
            var taken = _acknowledged - Unread;
            var moved = taken > _taken;
            _taken = Math.Max(_taken, taken);
            return (_waits || Unread > 0) && !moved;
        }
    }

    /// <summary>Connections cut so far.</summary>
    public long Cut => Interlocked.Read(ref _cut);

    /// <summary>Was the connection of this request cut?</summary>
    public static bool WasCut(HttpContext context) => context.Features.Get<Watched>() is { IsCut: true };

    /// <summary>This request is a stream. (An answer that the client's kernel has as a whole may be read as late as its program likes.)</summary>
    public void MarkStream(HttpContext context)
    {
        if (context.Features.Get<Watched>() is { LocalStream: null } watched && Ends.OfLocalClient(watched.Connection) is { } ends)
        {
            watched.LocalStream = ends;
            _localStreams[ends] = watched;
        }
    }

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
            if (watched.LocalStream is { } ends)
            {
                _ = _localStreams.TryRemove(new(ends, watched));
            }
        }
    };

    /// <summary>Looks at every connection once. Called about once a second.</summary>
    public void Round(long nowNs, long patienceNs)
    {
        foreach (var watched in _connections.Keys)
        {
            watched.Look();
        }

        // After the looks: what arrives meanwhile then only makes it seem that less was taken.
        var hasTable = ReadTable(nowNs, patienceNs);
        foreach (var watched in _connections.Keys)
        {
            if (watched.LocalStream is not null && !hasTable)
            {
                continue;
            }

            if (!watched.IsStuck())
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

    /// <summary>Not at every look: with a thousand streams the table takes 5 ms.</summary>
    private bool ReadTable(long nowNs, long patienceNs)
    {
        if (_localStreams.IsEmpty || nowNs - _tableReadNs < patienceNs / 2)
        {
            return false;
        }

        _tableReadNs = nowNs;
        _sockets.Read((ends, unread) =>
        {
            if (_localStreams.TryGetValue(ends, out var watched))
            {
                watched.Unread = unread;
            }
        });
        return true;
    }
}
