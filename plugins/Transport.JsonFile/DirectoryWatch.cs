using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>Wakes the readers of a directory's documents when one is replaced, written or removed (inotify). Without inotify they look twice a second.</summary>
internal sealed partial class DirectoryWatch : IPollTarget, IDisposable
{
    private const uint Mask = Native.InMovedTo | Native.InMovedFrom | Native.InCloseWrite | Native.InDelete | Native.InAttrib;
    private const int HeaderBytes = 16;

    private readonly Lock _gate = new();
    private readonly List<(byte[] Name, Waiter Waiter)> _waiters = [];
    private readonly byte[] _events = new byte[16 * 1024];
    private readonly NativePath _directory;
    private readonly PollLoop _loop;
    private readonly ILogger _logger;
    private bool _told;
    private bool _closed;
    private long _key;
    private int _fd = -1;

    public DirectoryWatch(string directory, PollLoop loop, ILogger logger)
    {
        _directory = new NativePath(directory);
        _loop = loop;
        _logger = logger;
    }

    public void Add(string fileName, Waiter waiter)
    {
        lock (_gate)
        {
            _waiters.Add((System.Text.Encoding.UTF8.GetBytes(fileName), waiter));
            if (_key == 0)
            {
                _key = _loop.Add(this);
                Start();
            }
        }
    }

    public void Remove(string fileName, Waiter waiter)
    {
        lock (_gate)
        {
            _waiters.RemoveAll(w => w.Waiter == waiter);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            UnixFile.Close(ref _fd);
        }
    }

    void IPollTarget.OnReady()
    {
        lock (_gate)
        {
            int length;
            while (_fd >= 0 && (length = UnixFile.Read(_fd, _events)) > 0)
            {
                Dispatch(_events.AsSpan(0, length));
            }

            if (_fd >= 0)
            {
                _loop.Arm(_key, _fd);
            }
        }
    }

    /// <summary>The directory may come, or come again: a watch ends with what it watches.</summary>
    void IPollTarget.OnTick()
    {
        lock (_gate)
        {
            if (_fd < 0 && !_closed)
            {
                Start();
            }
        }
    }

    void IPollTarget.OnStop()
    {
    }

    private unsafe void Start()
    {
        _fd = Native.InotifyInit(Native.InNonBlock | Native.InCloExec);
        var errno = _fd < 0 ? Errno.Last : 0;
        fixed (byte* path = _directory.Bytes)
        {
            if (_fd >= 0 && Native.InotifyAddWatch(_fd, path, Mask) < 0)
            {
                errno = Errno.Last;
                UnixFile.Close(ref _fd);
            }
        }

        if (errno == 0)
        {
            _told = false;
            _loop.Watch(_key, _fd);
            _loop.Arm(_key, _fd);
        }
        else if (!_told)
        {
            _told = true;
            LogNoInotify(_directory.Text, Errno.Describe(errno));
        }
    }

    /// <summary>struct inotify_event: watch i32, mask u32, cookie u32, name bytes u32, name padded with NUL.</summary>
    private void Dispatch(ReadOnlySpan<byte> events)
    {
        while (events.Length >= HeaderBytes)
        {
            var mask = BinaryPrimitives.ReadUInt32LittleEndian(events[4..]);
            var nameBytes = (int)BinaryPrimitives.ReadUInt32LittleEndian(events[12..]);
            var name = events.Slice(HeaderBytes, nameBytes).TrimEnd((byte)0);
            foreach (var (fileName, waiter) in _waiters)
            {
                if ((mask & Native.InQueueOverflow) != 0 || name.SequenceEqual(fileName))
                {
                    waiter.Signal();
                }
            }

            if ((mask & Native.InIgnored) != 0)
            {
                UnixFile.Close(ref _fd);
                return;
            }

            events = events[(HeaderBytes + nameBytes)..];
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "no change notification for {Directory}: {Reason}; waiting readers look twice a second until there is")]
    private partial void LogNoInotify(string directory, string reason);
}
