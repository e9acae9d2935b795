using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>
/// The writing end. A Stream message is written or refused; of a Latest channel the newest value that did not fit
/// (or that nobody read yet) waits and goes out when there is room, or a reader.
/// </summary>
internal sealed partial class FifoPublisher : IPublisher, IPollTarget
{
    private readonly Lock _gate = new();
    private readonly FifoFile _file;
    private readonly FifoWriter _writer;
    private readonly PollLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IDisposable? _lock;
    private readonly EnvelopeWriter? _envelope;
    private readonly int _lineLimit;
    private readonly long _key;
    private readonly Action _makeFifo;
    private readonly Action _removeFifo;
    private byte[] _line = new byte[4096];
    private byte[] _newest = [];
    private int _newestLength;
    private bool _unsent;
    private bool _unsentWasFull;
    private long _watched;
    private ulong _sequence;
    private bool _closed;

    /// <param name="channel">The channel.</param>
    /// <param name="file">Its FIFO.</param>
    /// <param name="lineLimit">The longest line in bytes, with its line break.</param>
    /// <param name="ends">What makes the FIFO when it is absent, and removes it when nobody reads it; they do nothing for a channel that its reader makes.</param>
    /// <param name="loop">The poll loop.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The channel's logger.</param>
    /// <param name="ownerLock">The lock of a channel with one writer.</param>
    public FifoPublisher(ChannelSpec channel, FifoFile file, int lineLimit, (Action Make, Action Remove) ends, PollLoop loop, TimeProvider time, ILogger logger, IDisposable? ownerLock)
    {
        Channel = channel;
        _file = file;
        _lineLimit = lineLimit;
        (_makeFifo, _removeFifo) = ends;
        _loop = loop;
        _time = time;
        _logger = logger;
        _lock = ownerLock;
        _writer = new FifoWriter(file);
        _envelope = channel.Delivery == Delivery.Latest ? new EnvelopeWriter(EnvelopeWriter.NewEpoch()) : null;
        _makeFifo();
        _key = loop.Add(this);
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Json;

    public ulong Epoch => _envelope?.Epoch ?? 0;

    public ChannelCounters Counters { get; } = new();

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return PublishResult.Closed;
            }

            if (Channel.MaxPayloadBytes > 0 && payload.Length > Channel.MaxPayloadBytes)
            {
                return Count(PublishResult.TooLarge, 0);
            }

            var line = _envelope is null ? Line(payload) : _envelope.Write(payload, _sequence + 1, MonotonicClock.NowNs(_time));
            if (line.Length > _lineLimit)
            {
                return Count(PublishResult.TooLarge, 0);
            }

            _sequence++;
            var result = _envelope is null ? _writer.Write(line) : SendNewest(line);
            WatchForRoom();
            return Count(result, payload.Length);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _closed = true;
                _loop.Remove(_key);
                _writer.Close();
                _removeFifo();
                _lock?.Dispose();
            }
        }

        return ValueTask.CompletedTask;
    }

    void IPollTarget.OnReady()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                Advance();
            }
        }
    }

    void IPollTarget.OnTick()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _writer.CheckPath();
            if (_envelope is not null)
            {
                MakeAgain();
                // A reader that comes late is given the newest value.
                _unsent |= _newestLength > 0 && _writer.Descriptor < 0;
            }

            Advance();
        }
    }

    void IPollTarget.OnStop()
    {
    }

    private void Advance()
    {
        if (_writer.Flush() && _unsent)
        {
            _unsent = _writer.Write(_newest.AsSpan(0, _newestLength)) != PublishResult.Published;
        }

        WatchForRoom();
    }

    /// <summary>Someone may have removed it; a later <c>cat</c> shall find it.</summary>
    private void MakeAgain()
    {
        try
        {
            _makeFifo();
        }
        catch (TransportException e)
        {
            LogRefused(e.Message);
        }
    }

    private void WatchForRoom()
    {
        var fd = _writer.Descriptor;
        if (fd < 0 || (!_writer.HasRest && !_unsent))
        {
            return;
        }

        if (_watched != _writer.Openings)
        {
            _watched = _writer.Openings;
            _loop.Watch(_key, fd);
        }

        _loop.Arm(_key, fd, write: true);
    }

    /// <summary>What the pipe has no room for, or nobody reads yet, is sent when that changes, unless a newer value comes first.</summary>
    private PublishResult SendNewest(ReadOnlySpan<byte> line)
    {
        if (_unsent && _unsentWasFull)
        {
            Counters.Lost++;
        }

        if (_newest.Length < line.Length)
        {
            _newest = new byte[line.Length * 2];
        }

        line.CopyTo(_newest);
        _newestLength = line.Length;
        var result = _writer.Write(line);
        _unsent = result != PublishResult.Published;
        _unsentWasFull = result == PublishResult.Full;
        return result == PublishResult.Failed ? result : PublishResult.Published;
    }

    private ReadOnlySpan<byte> Line(ReadOnlySpan<byte> payload)
    {
        if (_line.Length <= payload.Length)
        {
            _line = new byte[(payload.Length + 1) * 2];
        }

        payload.CopyTo(_line);
        EnvelopeWriter.Flatten(_line.AsSpan(0, payload.Length));
        _line[payload.Length] = (byte)'\n';
        return _line.AsSpan(0, payload.Length + 1);
    }

    private PublishResult Count(PublishResult result, int bytes)
    {
        if (result == PublishResult.Published)
        {
            Counters.Values++;
            Counters.Bytes += bytes;
        }
        else
        {
            Counters.Lost++;
            if (result == PublishResult.Failed && _writer.Refused != RejectReason.None)
            {
                Counters.CountReject(_writer.Refused);
            }
        }

        return result;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
    private partial void LogRefused(string reason);
}
