using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>
/// The readiness signal of the seed's clients: a named POSIX semaphore, a courtesy to one waiter. It is posted only when its value is 0, so it can't
/// grow; the data path never depends on it.
/// </summary>
internal sealed unsafe class ReadySemaphore
{
    private const uint SemaphoreMode = 0x1B0; // 0660
    private const string Directory = "/dev/shm";
    private const long SemaphoreBytes = 32; // sizeof(sem_t) on every 64-bit Linux
    private const long PauseNs = 500_000;
    private const long UnusedPauseNs = 10_000_000;

    /// <summary>So many looks in a row that found it untaken, and nobody uses it.</summary>
    private const int UnusedAfter = 100;
    private const int DrainLimit = 1_100_000;

    private readonly string _name;
    private readonly string _path;
    private readonly string _channel;
    private readonly ILogger _logger;
    private readonly Lock _life = new();
    private nint _semaphore;
    private CutGuard.Watch* _watch;
    private int _fd = -1;
    private nint _retired;
    private CutGuard.Watch* _retiredWatch;
    private int _retiredFd = -1;
    private bool _complained;
    private int _untaken;
    private long _lookedAtNs;
    private volatile bool _owed;

    private ReadySemaphore(string name, string channel, ILogger logger)
    {
        _name = "/" + name;
        _path = $"{Directory}/sem.{name}";
        _channel = channel;
        _logger = logger;
    }

    /// <summary>The semaphore that the seed names for this channel; null for the other channels.</summary>
    public static ReadySemaphore? For(in RegionPaths paths, ILogger logger)
    {
        var suffix = paths.Channel switch
        {
            "detections" => "frame_ready",
            "tracks" => "tracks_ready",
            "timelines" => "timelines_ready",
            _ => null,
        };
        if (suffix is null)
        {
            return null;
        }

        var semaphore = new ReadySemaphore($"{paths.Instance}_{suffix}", paths.Channel, logger);
        try
        {
            semaphore.Open(drain: true);
        }
        catch (EntryPointNotFoundException)
        {
            semaphore.Complain("this system's C library has none (glibc has them since 2.34)");
            return null;
        }

        return semaphore;
    }

    /// <summary>
    /// Called by the publishing loop after a publish. Two thousand signals a second are enough for a courtesy, and where nobody takes them a hundred looks, each
    /// a system call.
    /// </summary>
    public void Post(long now)
    {
        _owed = now - _lookedAtNs < (_untaken < UnusedAfter ? PauseNs : UnusedPauseNs);
        if (!_owed)
        {
            _lookedAtNs = now;
            Post();
        }
    }

    private void Post()
    {
        // Stored in the other order: whoever sees the new file sees its semaphore too, and never the old one, whose file may be the cut one.
        var fd = Volatile.Read(ref _fd);
        var semaphore = Volatile.Read(ref _semaphore);

        // Others may write this file, so they may also cut it short: its size is looked at before its memory is touched, which may be cut all the same (CutGuard).
        if (semaphore != 0 && Native.Seek(fd, 0, Native.SeekEnd) == SemaphoreBytes && Native.SemaphoreValue(semaphore, out var value) == 0 && value <= 0)
        {
            _untaken = 0;
            _ = Native.PostSemaphore(semaphore);
        }
        else if (_untaken < UnusedAfter)
        {
            _untaken++;
        }
    }

    /// <summary>Called by the heartbeat: makes the semaphore anew when it was deleted or damaged, and posts for a burst's last frame.</summary>
    public void Check()
    {
        lock (_life)
        {
            if (_watch != null && Volatile.Read(ref _watch->Cut) != 0)
            {
                // This process has zeros of its own in the file's place, and glibc would give them again for the same file.
                _ = Native.UnlinkSemaphore(_name);
            }

            if (_semaphore == 0 || !Native.TryStat(_path, out var atPath) || !Native.TryStat(_fd, out var ours) || !atPath.IsSameFile(ours) || ours.Bytes != SemaphoreBytes)
            {
                Open(drain: false);
            }

            if (_owed)
            {
                _owed = false;
                Post();
            }
        }
    }

    /// <summary>A clean stop: the name goes, as the region's does.</summary>
    /// <param name="isOurs">False when another writer has the channel, and so the name.</param>
    public void Dispose(bool isOurs)
    {
        lock (_life)
        {
            // Who waits on it looks again, and finds the region closed. The writer's lock is still held: no successor can have opened the name.
            if (isOurs)
            {
                Post();
            }

            if (isOurs && _semaphore != 0 && Native.TryStat(_path, out var atPath) && Native.TryStat(_fd, out var ours) && atPath.IsSameFile(ours))
            {
                _ = Native.UnlinkSemaphore(_name);
            }

            var semaphore = Interlocked.Exchange(ref _semaphore, 0);
            Retire(semaphore, _watch, _fd);
            Retire(0, null, -1);
            _watch = null;
            _fd = -1;
        }
    }

    private void Open(bool drain)
    {
        if (RegionErrors.ForeignOwner(_path) is { } refusal)
        {
            Complain(refusal.Message);
            return;
        }

        // glibc would follow a link that someone else put there, and takes a damaged file as it is.
        if (Native.TryStat(_path, out var there) && (!there.IsRegular || there.Bytes != SemaphoreBytes))
        {
            _ = Native.UnlinkSemaphore(_name);
        }

        var semaphore = Native.OpenSemaphore(_name, Native.Create, SemaphoreMode, 0);
        if (semaphore == 0)
        {
            Complain(Native.Describe(Native.LastError));
            return;
        }

        var fd = Native.Open(_path, Native.ReadOnly | Native.NoFollow | Native.CloseOnExec, 0);
        if (fd < 0)
        {
            Complain(Native.Describe(Native.LastError));
            _ = Native.CloseSemaphore(semaphore);
            return;
        }

        // Somebody may have put another file there since the first look.
        if (!Native.TryStat(fd, out var opened) || !opened.IsRegular || opened.Owner != Native.EffectiveUserId() || opened.Bytes != SemaphoreBytes)
        {
            Complain($"{_path} was replaced by a file of another owner or size");
            _ = Native.CloseSemaphore(semaphore);
            _ = Native.Close(fd);
            return;
        }

        // glibc gives the same address for the same file again.
        var isNew = semaphore != _semaphore;
        var watch = isNew ? CutGuard.Over((void*)semaphore, (nuint)SemaphoreBytes) : _watch;

        // The mode given at creation is cut by the umask.
        _ = Native.ChangeMode(_path, SemaphoreMode);
        for (var left = drain ? DrainLimit : 0; left > 0 && Native.TryTakeSemaphore(semaphore) == 0; left--)
        {
        }

        if (drain && Native.SemaphoreValue(semaphore, out var value) == 0 && value > 0)
        {
            // Taking two thousand million by ones would take a minute.
            CutGuard.Forget(isNew ? watch : null);
            _ = Native.CloseSemaphore(semaphore);
            _ = Native.Close(fd);
            _ = Native.UnlinkSemaphore(_name);
            Open(drain: false);
            return;
        }

        var old = isNew ? _semaphore : 0;
        var oldWatch = isNew ? _watch : null;
        var oldFd = _fd;
        Volatile.Write(ref _semaphore, semaphore);
        Volatile.Write(ref _fd, fd);
        _watch = watch;
        Retire(old, oldWatch, oldFd);
        _complained = false;
    }

    /// <summary>The publishing loop may be inside the old one for an instant: it is closed one replacement later.</summary>
    private void Retire(nint semaphore, CutGuard.Watch* watch, int fd)
    {
        if (_retired != 0)
        {
            CutGuard.Forget(_retiredWatch);
            _ = Native.CloseSemaphore(_retired);
        }

        if (_retiredFd >= 0)
        {
            _ = Native.Close(_retiredFd);
        }

        _retired = semaphore;
        _retiredWatch = watch;
        _retiredFd = fd;
    }

    private void Complain(string reason)
    {
        if (!_complained)
        {
            _complained = true;
            Log.NoSemaphore(_logger, _channel, _name, reason);
        }
    }
}
