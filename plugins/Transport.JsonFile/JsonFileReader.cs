using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>
/// A reading end. A document that did not change costs one statx. What does not parse, or must not be trusted, is rejected,
/// and the last good value stays; that is told for as long as it is there, and counted once.
/// </summary>
internal sealed partial class JsonFileReader : IReader, IPollTarget
{
    private const long LongestWaitNs = 500_000_000;

    /// <summary>
    /// File times move in steps of a few milliseconds and inodes are used again: within one step a document can change without its
    /// identity changing. So an identity is believed only after it was read a second time, this long after the first.
    /// </summary>
    private const long ConfirmAfterNs = 20_000_000;

    /// <summary>Group or others may write.</summary>
    private const uint WritableByOthers = 0x12;

    private readonly Lock _gate = new();
    private readonly Waiter _waiter = new();
    private readonly DocumentPaths _paths;
    private readonly ILiveOptions<JsonFileOptions> _options;
    private readonly Func<uint, bool> _trusts;
    private readonly DirectoryWatch? _watch;
    private readonly PollLoop _loop;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LatestPosition _position;
    private readonly long _key;
    private FileStatus _seen;
    private long _seenAt;
    private bool _confirmed;
    private bool _sawDocument;
    private ReadStatus _verdict = ReadStatus.Fresh;
    private byte[] _buffer = new byte[4096];
    private byte[] _previous = [];
    private int _previousLength;
    private Rejection _rejection;
    private int _limit;
    private RejectReason _logged;
    private bool _closed;

    public JsonFileReader(ChannelSpec channel, DocumentPaths paths, ILiveOptions<JsonFileOptions> options, Func<uint, bool> trusts, DirectoryWatch? watch, PollLoop loop, TimeProvider time, ILogger logger)
    {
        Channel = channel;
        _paths = paths;
        _options = options;
        _trusts = trusts;
        _watch = watch;
        _loop = loop;
        _time = time;
        _logger = logger;
        _position = new LatestPosition(channel, time, Counters);
        _key = loop.Add(this);
        watch?.Add(paths.FileName, _waiter);
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Json;

    public ChannelCounters Counters { get; } = new();

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        lock (_gate)
        {
            info = _position.Last;
            if (_closed)
            {
                return ReadStatus.Closed;
            }

            if (!FileStatus.TryAt(_paths.Document, out var there))
            {
                return Errno.Last is Errno.NoEntry or Errno.NotDirectory ? Absent() : NotOpened(Errno.Last, default, _seen == default && _verdict == ReadStatus.Rejected, ref info);
            }

            _sawDocument = true;
            var same = there == _seen && _limit == _options.Current.MaxDocumentBytes;
            if (same && (_confirmed || MonotonicClock.NowNs(_time) - _seenAt < ConfirmAfterNs))
            {
                return WithoutNews(ref info);
            }

            return Load(decoder, there, same, ref info);
        }
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _waiter.WaitAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _closed = true;
                _loop.Remove(_key);
                _watch?.Remove(_paths.FileName, _waiter);
            }
        }

        _waiter.Close();
        return ValueTask.CompletedTask;
    }

    void IPollTarget.OnReady() => _waiter.Signal();

    void IPollTarget.OnTick() => _waiter.Expire(LongestWaitNs);

    void IPollTarget.OnStop() => _waiter.Close();

    private ReadStatus Absent()
    {
        _seen = default;
        _verdict = ReadStatus.Fresh;
        // A writer that ends cleanly takes its document away; one that dies can't.
        return _sawDocument ? ReadStatus.WriterStopped : ReadStatus.NotReady;
    }

    /// <summary>What was decided about the document that is there stays decided, except how old it is.</summary>
    private ReadStatus WithoutNews(ref SampleInfo info)
    {
        if (_verdict is ReadStatus.WriterStopped or ReadStatus.WriterGone)
        {
            return _verdict;
        }

        var status = _position.StatusWithoutNews();
        if (_verdict != ReadStatus.Rejected || status == ReadStatus.WriterGone)
        {
            return status;
        }

        // The newest document is the one that was rejected; it was counted when it was met.
        info.Rejection = _rejection;
        return ReadStatus.Rejected;
    }

    private ReadStatus Load(IPayloadDecoder decoder, in FileStatus there, bool again, ref SampleInfo info)
    {
        _limit = _options.Current.MaxDocumentBytes;
        var fd = UnixFile.Open(_paths.Document, Native.ORdOnly | Native.ONonBlock);
        if (fd < 0)
        {
            return -fd == Errno.NoEntry ? Absent() : NotOpened(-fd, there, again, ref info);
        }

        _logged = _logged == RejectReason.Unreadable ? RejectReason.None : _logged;
        var reason = Check(fd, out var file);
        var length = reason == RejectReason.None ? ReadInto(fd, (int)file.Size) : 0;
        UnixFile.Close(ref fd);
        again &= file == _seen;
        _confirmed = false;
        _seen = file;
        _seenAt = MonotonicClock.NowNs(_time);
        if (reason != RejectReason.None || length < 0)
        {
            _confirmed = again;
            _verdict = ReadStatus.Rejected;
            return again ? WithoutNews(ref info) : Reject(reason == RejectReason.None ? RejectReason.Truncated : reason, ref info, (ulong)file.Size);
        }

        var document = _buffer.AsSpan(0, length);
        if (again && document.SequenceEqual(_previous.AsSpan(0, _previousLength)))
        {
            _confirmed = true;
            return WithoutNews(ref info);
        }

        var status = Take(decoder, document, file, ref info);
        (_buffer, _previous, _previousLength) = (_previous, _buffer, length);
        return status;
    }

    /// <summary>A link, or a file that this user may not read: said once, until something else is there. Where the process lacked something, the next read looks again.</summary>
    private ReadStatus NotOpened(int errno, in FileStatus there, bool again, ref SampleInfo info)
    {
        if (Errno.IsShortage(errno))
        {
            return again ? WithoutNews(ref info) : Untried(errno, ref info);
        }

        _seen = there;
        _seenAt = MonotonicClock.NowNs(_time);
        _confirmed = again;
        _verdict = ReadStatus.Rejected;
        return again ? WithoutNews(ref info) : Reject(errno is Errno.TooManyLinks or Errno.NoAccess ? RejectReason.UnsafeOwner : RejectReason.Truncated, ref info);
    }

    /// <summary>A document that nobody has looked at; only the first of such reads counts.</summary>
    private ReadStatus Untried(int errno, ref SampleInfo info)
    {
        var rejection = new Rejection(RejectReason.Unreadable, (ulong)errno);
        if (_logged != RejectReason.Unreadable)
        {
            return Reject(rejection, ref info);
        }

        info.Rejection = rejection;
        return ReadStatus.Rejected;
    }

    private RejectReason Check(int fd, out FileStatus file) =>
        !FileStatus.TryOf(fd, out file) || file.Kind != FileKind.Regular || !_trusts(file.Uid) || (file.Mode & WritableByOthers) != 0 ? RejectReason.UnsafeOwner
        : file.Size > _limit ? RejectReason.TooLarge
        : RejectReason.None;

    private int ReadInto(int fd, int size)
    {
        if (_buffer.Length < size)
        {
            _buffer = new byte[size * 2];
        }

        return DocumentFile.ReadAll(fd, _buffer.AsSpan(0, size));
    }

    private ReadStatus Take(IPayloadDecoder decoder, ReadOnlySpan<byte> document, in FileStatus file, ref SampleInfo info)
    {
        if (!Envelope.TryRead(document, out var envelope))
        {
            _verdict = ReadStatus.Rejected;
            return Reject(RejectReason.BadJson, ref info, (ulong)document.Length);
        }

        if (!envelope.ThisBoot)
        {
            _verdict = ReadStatus.WriterStopped;
            return Leftover(ref info);
        }

        var place = _position.Place(envelope, MonotonicOf(file));
        if (_position.IsLeftover(envelope, place))
        {
            _verdict = ReadStatus.WriterGone;
            _ = Leftover(ref info);
            return ReadStatus.WriterGone;
        }

        if (envelope.IsSequenced && place.Epoch == _position.Last.Epoch && place.Sequence == _position.Last.Sequence)
        {
            return WithoutNews(ref info);
        }

        var rejection = decoder.Decode(document.TrimEnd(" \t\r\n"u8));
        if (!rejection.IsNone)
        {
            _verdict = ReadStatus.Rejected;
            return Reject(rejection, ref info);
        }

        _position.Accept(envelope, place, document.Length);
        _verdict = ReadStatus.Fresh;
        _logged = RejectReason.None;
        info = place;
        return ReadStatus.Fresh;
    }

    private ReadStatus Leftover(ref SampleInfo info)
    {
        _ = Reject(RejectReason.Leftover, ref info);
        return ReadStatus.WriterStopped;
    }

    private ReadStatus Reject(RejectReason reason, ref SampleInfo info, ulong found = 0) => Reject(new Rejection(reason, found), ref info);

    private ReadStatus Reject(Rejection rejection, ref SampleInfo info)
    {
        Counters.CountReject(rejection.Reason);
        info.Rejection = _rejection = rejection;
        if (rejection.Reason != _logged)
        {
            _logged = rejection.Reason;
            LogRejected(_paths.What, _paths.Document.Text, rejection.Reason == RejectReason.Unreadable ? rejection.ToString() : rejection.Label);
        }

        return ReadStatus.Rejected;
    }

    /// <summary>The file's time on the monotonic clock, for writers that do not say when they wrote.</summary>
    private long MonotonicOf(in FileStatus file)
    {
        var age = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks - (file.ModifiedNs / 100);
        return MonotonicClock.NowNs(_time) - Math.Max(0, age * 100);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: not taking {Path}: {Reason}; the last good value stays")]
    private partial void LogRejected(string what, string path, string reason);
}
