using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>The one reading end of a FIFO: the next line of a Stream channel, or the newest of a Latest one.</summary>
internal partial class FifoReader : IBlockingReader, IRejectedBeginning, IPollTarget
{
    /// <summary>How often the path is compared with the open FIFO.</summary>
    private const long PathCheckNs = 500_000_000;

    /// <summary>A wait ends after this time even if nothing came.</summary>
    private const long LongestWaitNs = 500_000_000;

    /// <summary>A writer that never pauses must not keep one read going.</summary>
    private const int MaxFills = 64;

    private readonly Lock _gate = new();
    private readonly Waiter _waiter = new();
    private readonly FifoFile _file;
    private readonly ILiveOptions<FifoOptions> _options;
    private readonly PollLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogThrottle _throttle;
    private readonly OwnerLock? _lock;
    private readonly bool _steals;
    private readonly NativePath? _writerLock;
    private readonly LineSplitter _splitter;
    private readonly LatestPosition _position;
    private readonly long _key;
    private FileStatus _opened;
    private byte[] _newest = [];
    private int _newestLength;
    private ulong _lines;
    private long _partialSince;
    private long _pathCheckedAt;
    private int _fd;
    private bool _writerStopped;
    private bool _polling;
    private bool _closed;

    /// <param name="channel">The channel.</param>
    /// <param name="file">Its FIFO.</param>
    /// <param name="lineLimit">The longest line in bytes, with its line break.</param>
    /// <param name="options">The transport's options.</param>
    /// <param name="loop">The poll loop.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The channel's logger.</param>
    /// <param name="throttle">What keeps it quiet.</param>
    /// <param name="ownerLock">The lock of the one reader; null for an inbox, whose name is its own, and for a thief.</param>
    /// <param name="writerLock">Where the one writer's lock is.</param>
    /// <param name="steals">The FIFO is another's: it is only opened, never made or removed.</param>
    public FifoReader(
        ChannelSpec channel, FifoFile file, int lineLimit, ILiveOptions<FifoOptions> options, PollLoop loop, TimeProvider time, ILogger logger, LogThrottle throttle,
        OwnerLock? ownerLock = null, string? writerLock = null, bool steals = false)
    {
        Channel = channel;
        _file = file;
        _options = options;
        _loop = loop;
        _time = time;
        _logger = logger;
        _throttle = throttle;
        _lock = ownerLock;
        _steals = steals;
        _writerLock = writerLock is null ? null : new NativePath(writerLock);
        _splitter = new LineSplitter(lineLimit);
        _position = new LatestPosition(channel, time, Counters);
        StreamEpoch = EnvelopeWriter.NewEpoch();
        _fd = Open(out _opened, out _);
        _key = loop.Add(this);
        loop.Watch(_key, _fd);
        _pathCheckedAt = MonotonicClock.NowNs(time);
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Json;

    public ChannelCounters Counters { get; } = new();

    public ReadOnlySpan<byte> RejectedBeginning => _splitter.Beginning;

    /// <summary>The open FIFO, for a lock on itself.</summary>
    protected int Descriptor => _fd;

    /// <summary>Lines of a Stream have no epoch of their own: this reader's life is one.</summary>
    private ulong StreamEpoch { get; }

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        lock (_gate)
        {
            if (_closed)
            {
                info = _position.Last;
                return ReadStatus.Closed;
            }

            // Not only when nothing comes: whoever still has a replaced FIFO open may go on writing into it.
            if (PathIsWrong(out var rejection))
            {
                return Reject(rejection, out info);
            }

            return Channel.Delivery == Delivery.Stream ? ReadNext(decoder, out info) : ReadNewest(decoder, out info);
        }
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return new ValueTask<bool>(false);
            }

            if (_splitter.HasLine)
            {
                return new ValueTask<bool>(true);
            }

            _loop.Arm(_key, _fd);
        }

        return _waiter.WaitAsync(cancellationToken);
    }

    public unsafe bool Wait(TimeSpan timeout)
    {
        Native.PollFd poll;
        lock (_gate)
        {
            if (_closed || _splitter.HasLine)
            {
                return !_closed;
            }

            _polling = true;
            poll = new Native.PollFd { Fd = _fd, Events = Native.PollIn };
        }

        var ready = Native.Poll(&poll, 1, (int)Math.Clamp(timeout.TotalMilliseconds, 0, int.MaxValue));
        lock (_gate)
        {
            _polling = false;
            if (_closed)
            {
                UnixFile.Close(ref _fd);
                return false;
            }
        }

        return ready > 0;
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _closed = true;
                _loop.Remove(_key);
                if (!_steals && _lock?.Hold(MonotonicClock.NowNs(_time)) != false)
                {
                    _file.Remove(_opened);
                }

                _lock?.Dispose();
                if (!_polling)
                {
                    UnixFile.Close(ref _fd);
                }
            }
        }

        _waiter.Close();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    void IPollTarget.OnReady() => _waiter.Signal();

    void IPollTarget.OnTick() => _waiter.Expire(LongestWaitNs);

    void IPollTarget.OnStop() => _waiter.Close();

    /// <summary>Called for each FIFO that was opened anew in place of another.</summary>
    protected virtual void OnReopened()
    {
    }

    private ReadStatus ReadNext(IPayloadDecoder decoder, out SampleInfo info)
    {
        while (true)
        {
            var outcome = _splitter.TryTake(out var line, out var length);
            if (outcome == LineOutcome.None)
            {
                if (Fill())
                {
                    continue;
                }

                return NothingNew(out info);
            }

            _partialSince = 0;
            if (outcome == LineOutcome.TooLong)
            {
                return Reject(TooLong(length), out info);
            }

            if (line.Trim(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            var rejection = decoder.Decode(line);
            if (!rejection.IsNone)
            {
                return Reject(rejection, out info);
            }

            info = new SampleInfo { Epoch = StreamEpoch, Sequence = ++_lines, PublishedMonoNs = MonotonicClock.NowNs(_time) };
            _position.Last = info;
            Counters.Values++;
            Counters.Bytes += line.Length;
            return ReadStatus.Fresh;
        }
    }

    private ReadStatus ReadNewest(IPayloadDecoder decoder, out SampleInfo info)
    {
        _newestLength = 0;
        var rejection = Rejection.None;
        for (var fills = 0; fills < MaxFills;)
        {
            var outcome = _splitter.TryTake(out var line, out var length);
            if (outcome == LineOutcome.None)
            {
                if (!Fill())
                {
                    break;
                }

                fills++;
                continue;
            }

            _partialSince = 0;
            if (outcome == LineOutcome.TooLong)
            {
                rejection = TooLong(length);
            }
            else if (!line.Trim(" \t\r"u8).IsEmpty)
            {
                rejection = Rejection.None;
                Keep(line);
            }
        }

        if (!rejection.IsNone)
        {
            return Reject(rejection, out info);
        }

        return _newestLength == 0 ? NothingNew(out info) : Take(decoder, _newest.AsSpan(0, _newestLength), out info);
    }

    private ReadStatus Take(IPayloadDecoder decoder, ReadOnlySpan<byte> document, out SampleInfo info)
    {
        if (!Envelope.TryRead(document, out var envelope))
        {
            return Reject(new Rejection(RejectReason.BadJson), out info);
        }

        if (!envelope.ThisBoot)
        {
            return Reject(new Rejection(RejectReason.Leftover), out info);
        }

        var place = _position.Place(envelope, MonotonicClock.NowNs(_time));
        if (envelope.IsSequenced && place.Epoch == _position.Last.Epoch && place.Sequence <= _position.Last.Sequence)
        {
            // The newest value again, for a reader that its writer took for a new one.
            return NothingNew(out info);
        }

        var rejection = decoder.Decode(document);
        if (!rejection.IsNone)
        {
            return Reject(rejection, out info);
        }

        _position.Accept(envelope, place, document.Length);
        _writerStopped = false;
        info = place;
        return ReadStatus.Fresh;
    }

    private ReadStatus NothingNew(out SampleInfo info)
    {
        if (HalfLineIsOver(out var half))
        {
            return Reject(half, out info);
        }

        info = _position.Last;
        return Channel.Delivery == Delivery.Latest ? (_writerStopped ? ReadStatus.WriterStopped : _position.StatusWithoutNews())
            : info.Sequence == 0 ? ReadStatus.NotReady : ReadStatus.Unchanged;
    }

    private bool Fill()
    {
        var read = UnixFile.Read(_fd, _splitter.Free);
        if (read <= 0)
        {
            return false;
        }

        _splitter.Commit(read);
        return true;
    }

    private void Keep(ReadOnlySpan<byte> line)
    {
        if (_newest.Length < line.Length)
        {
            _newest = new byte[line.Length * 2];
        }

        line.CopyTo(_newest);
        _newestLength = line.Length;
    }

    private ReadStatus Reject(Rejection rejection, out SampleInfo info)
    {
        Counters.CountReject(rejection.Reason);
        info = _position.Last;
        info.Rejection = rejection;
        return ReadStatus.Rejected;
    }

    private Rejection TooLong(long length) => new(RejectReason.TooLarge, (ulong)length, (ulong)_splitter.Limit);
}
