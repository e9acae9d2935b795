using System.Net.Sockets;
using Omnisight;

namespace Acme.UnixSocket;

/// <summary>Connects when there is a publisher, and takes the newest of the packets that wait.</summary>
internal sealed class UnixSocketReader(ChannelSpec channel, string path, TimeProvider time) : IReader
{
    private static readonly TimeSpan ConnectInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private byte[] _packet = new byte[Packet.HeaderBytes + Math.Max(channel.MaxPayloadBytes, 128)];
    private byte[] _next = new byte[Packet.HeaderBytes + Math.Max(channel.MaxPayloadBytes, 128)];
    private Socket? _socket;
    private SampleInfo _last;
    private Rejection _refusal;
    private ReadStatus _ending = ReadStatus.NotReady;
    private bool _isClosed;

    public ChannelSpec Channel => channel;

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ChannelCounters Counters { get; } = new();

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        info = _last;
        if (_isClosed)
        {
            return ReadStatus.Closed;
        }

        var bytes = _socket is not null || TryConnect() ? Receive() : 0;
        if (bytes > 0 && _refusal.IsNone)
        {
            return Take(decoder, _packet.AsSpan(0, bytes), ref info);
        }

        if (!_refusal.IsNone)
        {
            info.Rejection = _refusal;
            return ReadStatus.Rejected;
        }

        return _socket is null ? _ending
            : _last.Sequence == 0 ? ReadStatus.NotReady
            : _last.Age(time) > channel.StaleThreshold ? ReadStatus.Idle
            : ReadStatus.Unchanged;
    }

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isClosed)
        {
            return false;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            if (_socket is null && !TryConnect())
            {
                await Task.Delay(ConnectInterval, time, either.Token);
                return true;
            }

            either.CancelAfter(WaitLimit);
            _ = await _socket!.ReceiveAsync(new byte[1].AsMemory(), SocketFlags.Peek, either.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return !_isClosed;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            await _closing.CancelAsync();
            _socket?.Dispose();
        }
    }

    private bool TryConnect()
    {
        if (!File.Exists(path))
        {
            return false;
        }

        var socket = UnixSocketTransport.NewSocket();
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            (_socket, _refusal) = (socket, default);
            return true;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
    }

    /// <summary>Empties the socket into <see cref="_packet"/>: the newest value stays. 0 = there was none.</summary>
    private int Receive()
    {
        var newest = 0;
        while (_socket is { } socket && socket.Poll(0, SelectMode.SelectRead))
        {
            var bytes = socket.Receive(_next, SocketFlags.None, out var error);
            var kind = bytes >= Packet.HeaderBytes ? _next[0] : (byte)0;
            if (error != SocketError.Success || bytes == 0 || kind == Packet.Goodbye)
            {
                _ending = kind == Packet.Goodbye ? ReadStatus.WriterStopped : _ending == ReadStatus.WriterStopped ? _ending : ReadStatus.WriterGone;
                socket.Dispose();
                _socket = null;
            }
            else if (kind == Packet.Hello)
            {
                Greet(_next.AsSpan(Packet.HeaderBytes, bytes - Packet.HeaderBytes));
            }
            else if (kind == Packet.Value)
            {
                (_packet, _next, newest) = (_next, _packet, bytes);
            }
        }

        return newest;
    }

    private void Greet(ReadOnlySpan<byte> messageId)
    {
        _ending = ReadStatus.NotReady;
        var name = MessageId.Parse(channel.MessageId).Name;
        var found = System.Text.Encoding.UTF8.GetString(messageId).Split('/')[0];
        if (found != name)
        {
            _refusal = new Rejection(RejectReason.MessageMismatch);
            Counters.CountReject(RejectReason.MessageMismatch);
        }
    }

    private ReadStatus Take(IPayloadDecoder decoder, ReadOnlySpan<byte> packet, ref SampleInfo info)
    {
        var next = Packet.ReadInfo(packet);
        var rejection = decoder.Decode(packet[Packet.HeaderBytes..]);
        if (!rejection.IsNone)
        {
            Counters.CountReject(rejection.Reason);
            info.Rejection = rejection;
            return ReadStatus.Rejected;
        }

        if (_last.Sequence != 0 && next.Epoch != _last.Epoch)
        {
            Counters.Resets++;
        }
        else if (next.Epoch == _last.Epoch && next.Sequence == _last.Sequence)
        {
            // A publisher greets a reader that connects again with the value it has.
            return ReadStatus.Unchanged;
        }
        else if (_last.Sequence != 0)
        {
            next.Missed = next.Sequence - _last.Sequence - 1;
        }

        Counters.Values++;
        Counters.Bytes += packet.Length - Packet.HeaderBytes;
        Counters.Lost += (long)next.Missed;
        info = _last = next;
        _last.Missed = 0;
        return ReadStatus.Fresh;
    }
}
