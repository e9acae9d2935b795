using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>The writing end: each value replaces the document by a rename. Allocates nothing per value.</summary>
internal sealed partial class JsonFilePublisher : IPublisher
{
    private const uint DocumentMode = 0x1A0;
    private const long LogIntervalNs = 60_000_000_000;

    private readonly DocumentPaths _paths;
    private readonly NativePath _temporary;
    private readonly ILiveOptions<JsonFileOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OwnerLock _lock;
    private readonly EnvelopeWriter _envelope = new(EnvelopeWriter.NewEpoch());
    private ulong _sequence;
    private long _loggedAt = long.MinValue;
    private long _failures;
    private bool _closed;

    public JsonFilePublisher(ChannelSpec channel, DocumentPaths paths, ILiveOptions<JsonFileOptions> options, TimeProvider time, ILogger logger, OwnerLock writerLock)
    {
        Channel = channel;
        _paths = paths;
        _options = options;
        _time = time;
        _logger = logger;
        _lock = writerLock;
        RefuseForeign();
        Leftovers.RemoveTemporaries(paths, logger);
        _temporary = paths.NewTemporary();
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Json;

    public ulong Epoch => _envelope.Epoch;

    public ChannelCounters Counters { get; } = new();

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        if (_closed)
        {
            return PublishResult.Closed;
        }

        if ((Channel.MaxPayloadBytes > 0 && payload.Length > Channel.MaxPayloadBytes) || payload.Length + EnvelopeWriter.MaxBytes > _options.Current.MaxDocumentBytes)
        {
            Counters.Lost++;
            return PublishResult.TooLarge;
        }

        if (!_lock.Hold(MonotonicClock.NowNs(_time)))
        {
            return Failed("another process has taken the channel, its lock was removed: stop one of the two");
        }

        var errno = Replace(_envelope.Write(payload, _sequence + 1, MonotonicClock.NowNs(_time)));
        if (errno != 0)
        {
            return Failed(Errno.Describe(errno));
        }

        _sequence++;
        Counters.Values++;
        Counters.Bytes += payload.Length;
        return PublishResult.Published;
    }

    /// <summary>A clean end takes the document away: what is left behind is always of a writer that died.</summary>
    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            if (_sequence > 0 && _lock.Hold(MonotonicClock.NowNs(_time)))
            {
                _ = UnixFile.Unlink(_paths.Document);
            }

            _lock.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The new document beside the old one, then in its place. Returns 0 or an errno; then the old one is as it was.</summary>
    private int Replace(ReadOnlySpan<byte> document)
    {
        var fd = UnixFile.Open(_temporary, Native.OWrOnly | Native.OCreat | Native.OExcl, DocumentMode);
        if (fd == -Errno.Exists && UnixFile.Unlink(_temporary) == 0)
        {
            // Ours: a failed write could not remove it.
            fd = UnixFile.Open(_temporary, Native.OWrOnly | Native.OCreat | Native.OExcl, DocumentMode);
        }

        if (fd < 0)
        {
            return -fd;
        }

        Fault.Hit("json.opened");
        // The mode given to open is cut by the umask.
        var errno = Native.ChangeMode(fd, DocumentMode) == 0 ? Write(fd, document) : Errno.Last;
        UnixFile.Close(ref fd);
        Fault.Hit("json.before_rename");
        errno = errno == 0 ? UnixFile.Rename(_temporary, _paths.Document) : errno;
        if (errno != 0)
        {
            _ = UnixFile.Unlink(_temporary);
        }

        return errno;
    }

    private static int Write(int fd, ReadOnlySpan<byte> document)
    {
        while (!document.IsEmpty)
        {
            var written = UnixFile.Write(fd, document);
            if (written <= 0)
            {
                return written == 0 ? Errno.NoSpace : -written;
            }

            document = document[written..];
        }

        return 0;
    }

    private PublishResult Failed(string reason)
    {
        Counters.Lost++;
        _failures++;
        var now = MonotonicClock.NowNs(_time);
        if (_loggedAt == long.MinValue || now - _loggedAt >= LogIntervalNs)
        {
            LogFailed(_paths.What, _paths.Document.Text, reason, _failures);
            _loggedAt = now;
            _failures = 0;
        }

        return PublishResult.Failed;
    }

    private void RefuseForeign()
    {
        if (FileStatus.TryAt(_paths.Document, out var there) && (there.Kind != FileKind.Regular || there.Uid != UnixFile.EffectiveUser))
        {
            throw new TransportException(TransportError.Unsafe,
                $"{_paths.What}: refusing {_paths.Document}: a {there.Kind} owned by uid {there.Uid}, expected a regular file of uid {UnixFile.EffectiveUser}; remove it");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: can't write {Path}: {Error}; the old document stays ({Count} failed since the last message)")]
    private partial void LogFailed(string what, string path, string error, long count);
}
