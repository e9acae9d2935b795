using System.Net.Sockets;
using Omnisight;

namespace Acme.UnixSocket;

/// <summary>Listens, greets each reader with the message id and the newest value, and sends every value to all of them without waiting.</summary>
internal sealed class UnixSocketPublisher : IPublisher
{
    private readonly string _path;
    private readonly int _sendBufferBytes;
    private readonly byte[] _newest;
    private readonly byte[] _hello;
    private readonly FileStream _lock;
    private readonly Socket _listener;
    private readonly Lock _gate = new();
    private readonly List<Connection> _connections = [];
    private readonly Task _accepting;
    private int _newestBytes;
    private ulong _sequence;
    private bool _closed;

    public UnixSocketPublisher(ChannelSpec channel, string path, int sendBufferBytes)
    {
        Channel = channel;
        _path = path;
        _sendBufferBytes = sendBufferBytes;
        _newest = new byte[Packet.HeaderBytes + channel.MaxPayloadBytes];
        var message = System.Text.Encoding.UTF8.GetBytes(channel.MessageId);
        _hello = new byte[Packet.HeaderBytes + message.Length];
        Packet.Write(_hello, Packet.Hello, Epoch, 0, 0, message);
        try
        {
            // FileShare.None is an flock: the system frees it when the process dies.
            _lock = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new TransportException(TransportError.InUse, $"channel '{channel.Name}' already has a publisher ({path}.lock is held); stop it or choose another Omnisight:Instance", e);
        }

        // What lies there is a dead publisher's: the lock is ours.
        File.Delete(path);
        _listener = UnixSocketTransport.NewSocket();
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ulong Epoch { get; } = (ulong)Random.Shared.NextInt64(1, 1L << 53);

    public ChannelCounters Counters { get; } = new();

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > Channel.MaxPayloadBytes)
        {
            return _closed ? PublishResult.Closed : PublishResult.TooLarge;
        }

        lock (_gate)
        {
            if (_closed)
            {
                return PublishResult.Closed;
            }

            _newestBytes = Packet.Write(_newest, Packet.Value, Epoch, ++_sequence, MonotonicClock.NowNs(), payload);
            for (var i = _connections.Count - 1; i >= 0; i--)
            {
                Send(_connections[i]);
            }
        }

        Counters.Values++;
        Counters.Bytes += payload.Length;
        return PublishResult.Published;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            var goodbye = new byte[Packet.HeaderBytes];
            Packet.Write(goodbye, Packet.Goodbye, Epoch, _sequence, 0, []);
            foreach (var connection in _connections)
            {
                _ = connection.Socket.Send(goodbye, SocketFlags.None, out _);
                connection.Socket.Dispose();
            }

            _connections.Clear();
        }

        _listener.Dispose();
        await _accepting;
        File.Delete(_path);
        _lock.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            socket.Blocking = false;
            socket.SendBufferSize = _sendBufferBytes;
            lock (_gate)
            {
                if (_closed)
                {
                    socket.Dispose();
                    return;
                }

                var connection = new Connection(socket);
                _connections.Add(connection);
                _ = socket.Send(_hello, SocketFlags.None, out _);
                if (_newestBytes > 0)
                {
                    Send(connection);
                }
            }
        }
    }

    /// <summary>Under the lock. A reader that is behind gets the newest value as soon as there is room, and none of those in between.</summary>
    private void Send(Connection connection)
    {
        if (connection.Behind)
        {
            return;
        }

        _ = connection.Socket.Send(_newest.AsSpan(0, _newestBytes), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
        {
            connection.Behind = true;
            _ = CatchUpAsync(connection);
        }
        else if (error != SocketError.Success)
        {
            connection.Socket.Dispose();
            _connections.Remove(connection);
        }
    }

    private async Task CatchUpAsync(Connection connection)
    {
        try
        {
            while (true)
            {
                byte[] packet;
                ulong sequence;
                lock (_gate)
                {
                    packet = _newest[.._newestBytes];
                    sequence = _sequence;
                }

                await connection.Socket.SendAsync(packet, SocketFlags.None);
                lock (_gate)
                {
                    if (sequence == _sequence || _closed)
                    {
                        connection.Behind = false;
                        return;
                    }
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            lock (_gate)
            {
                connection.Socket.Dispose();
                _connections.Remove(connection);
            }
        }
    }

    private sealed class Connection(Socket socket)
    {
        public Socket Socket { get; } = socket;

        public bool Behind { get; set; }
    }
}
