using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>
/// The writing end. A message of a Stream with many writers is written or refused; where there is one writer it waits a second for a reader.
/// Of a Latest channel the newest value that did not fit (or that nobody read yet) waits and goes out when there is room, or a reader.
/// </summary>
internal sealed partial class FifoPublisher : IPublisher, IPollTarget
{
    /// <summary>Together as long as a line waits for its reader.</summary>
    private const int MaxClosingPauses = 100;
    private static readonly TimeSpan ClosingPause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly FifoFile _file;
    private readonly FifoWriter _writer;
    private readonly PollLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogThrottle _throttle;
    private readonly OwnerLock? _lock;
    private readonly EnvelopeWriter? _envelope;
    private readonly WaitingLines? _waiting;
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
    private bool _armed;
    private ulong _sequence;
    private bool _closed;

    /// <param name="channel">The channel.</param>
    /// <param name="file">Its FIFO.</param>
    /// <param name="lineLimit">The longest line in bytes, with its line break.</param>
    /// <param name="ends">What makes the FIFO when it is absent, and removes it when nobody reads it; they do nothing for a channel that its reader makes.</param>
    /// <param name="loop">The poll loop.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The channel's logger.</param>
    /// <param name="throttle">What keeps it quiet.</param>
    /// <param name="ownerLock">The lock of a channel with one writer.</param>
    public FifoPublisher(
        ChannelSpec channel, FifoFile file, int lineLimit, (Action Make, Action Remove) ends, PollLoop loop, TimeProvider time, ILogger logger, LogThrottle throttle, OwnerLock? ownerLock)
    {
        Channel = channel;
        _file = file;
        _lineLimit = lineLimit;
        (_makeFifo, _removeFifo) = ends;
        _loop = loop;
        _time = time;
        _logger = logger;
        _throttle = throttle;
        _lock = ownerLock;
        _writer = new FifoWriter(file);
        _envelope = channel.Delivery == Delivery.Latest ? new EnvelopeWriter(EnvelopeWriter.NewEpoch()) : null;
        _waiting = channel.Delivery == Delivery.Stream && ownerLock is not null ? new WaitingLines() : null;
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
            var result = _envelope is not null ? SendNewest(line) : _waiting is null ? _writer.Write(line) : SendOrWait(_waiting, line);
            Watch();
            return Count(result, payload.Length);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The answer to SHUTDOWN finds its client too.
        for (var pauses = 0; pauses < MaxClosingPauses && HasWaiting(); pauses++)
        {
            await Task.Delay(ClosingPause, TimeProvider.System).ConfigureAwait(false);
        }

        lock (_gate)
        {
            if (!_closed)
            {
                _closed = true;
                Lose(_waiting?.Count ?? 0);
                _loop.Remove(_key);
                _writer.Close();
                _removeFifo();
                _lock?.Dispose();
            }
        }
    }

    void IPollTarget.OnReady()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _writer.CloseIfUnread();
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

            if (_lock?.Hold(MonotonicClock.NowNs(_time)) == false && _throttle.IsDue("not_held"))
            {
                LogRefused($"{_file.What}: another process has taken the writing end of {_file.Path}, its lock was removed: stop one of the two");
            }

            _writer.CheckPath();
            MakeAgain();
            if (_envelope is not null)
            {
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

        if (_waiting is { Count: > 0 })
        {
            SendWaiting(_waiting);
        }

        Watch();
    }

    private bool HasWaiting()
    {
        lock (_gate)
        {
            return !_closed && _waiting is { Count: > 0 };
        }
    }

    private PublishResult SendOrWait(WaitingLines waiting, ReadOnlySpan<byte> line)
    {
        var result = SendWaiting(waiting) ? _writer.Write(line) : PublishResult.NoReader;
        if (result != PublishResult.NoReader)
        {
            return result;
        }

        Lose(waiting.Add(line, MonotonicClock.NowNs(_time)));
        _loop.CallSoon(_key);
        return PublishResult.Published;
    }

    /// <summary>True when none waits any more.</summary>
    private bool SendWaiting(WaitingLines waiting)
    {
        Lose(waiting.DropExpired(MonotonicClock.NowNs(_time)));
        while (waiting.Count > 0)
        {
            if (_writer.Write(waiting.First) != PublishResult.Published)
            {
                _loop.CallSoon(_key);
                return false;
            }

            waiting.RemoveFirst();
        }

        return true;
    }

    private void Lose(int lines)
    {
        Counters.Lost += lines;
        if (lines > 0 && _throttle.IsDue("no_reader"))
        {
            LogNoReader(_file.What, _file.Path.Text, lines);
        }
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
            if (_throttle.IsDue("not_made"))
            {
                LogRefused(e.Message);
            }
        }
    }

    /// <summary>For room, when something waits for it; always for the end of the reader.</summary>
    private void Watch()
    {
        var fd = _writer.Descriptor;
        if (fd < 0)
        {
            return;
        }

        if (_watched != _writer.Openings)
        {
            _watched = _writer.Openings;
            _armed = false;
            _loop.Watch(_key, fd);
        }

        if (_writer.HasRest || _unsent)
        {
            _loop.Arm(_key, fd, write: true);
            _armed = true;
        }
        else if (_armed)
        {
            _loop.Disarm(_key, fd);
            _armed = false;
        }
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: {Count} lines lost: nobody read {Path} within a second")]
    private partial void LogNoReader(string what, string path, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
    private partial void LogRefused(string reason);
}
