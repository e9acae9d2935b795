using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Files;

/// <summary>One thread that waits for every descriptor of a transport (epoll, one shot per arming) and ticks twice a second.</summary>
internal sealed partial class PollLoop : IAsyncDisposable
{
    private const int TickMs = 500;
    private const int SoonMs = 5;
    private const int EventsPerWait = 64;

    /// <summary>struct epoll_event is packed on x86-64 alone: 12 bytes there, 16 elsewhere.</summary>
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, IPollTarget> _targets = [];
    private readonly HashSet<long> _soon = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name;
    private readonly ILogger _logger;
    private IPollTarget[] _snapshot = [];
    private int _epoll = -1;
    private int _wake = -1;
    private long _lastKey;
    private long _soonAt = long.MaxValue;
    private bool _stopped;

    public PollLoop(string name, ILogger logger)
    {
        _name = name;
        _logger = logger;
    }

    /// <summary>Adds a target for ticks; the thread starts with the first one. Its key arms and removes it.</summary>
    public long Add(IPollTarget target)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            if (_epoll < 0)
            {
                Start();
            }

            _targets.Add(++_lastKey, target);
            _snapshot = [.. _targets.Values];
            return _lastKey;
        }
    }

    /// <summary>Takes a target out. A call that is under way may still reach it.</summary>
    public void Remove(long key)
    {
        lock (_gate)
        {
            _targets.Remove(key);
            _snapshot = [.. _targets.Values];
        }
    }

    /// <summary>Puts a descriptor of a target under watch, disarmed. Closing the descriptor takes it out.</summary>
    public void Watch(long key, int fd) => Control(Native.EpollAdd, key, fd, 0);

    /// <summary>Calls the target once when the descriptor can be read (or written).</summary>
    public void Arm(long key, int fd, bool write = false) =>
        Control(Native.EpollMod, key, fd, (write ? Native.EpollOut : Native.EpollIn) | Native.EpollOneShot);

    /// <summary>Shows the target only that its descriptor has failed, which for the writing end of a pipe is that nobody reads it.</summary>
    public void Disarm(long key, int fd) => Control(Native.EpollMod, key, fd, 0);

    /// <summary>Calls the target's OnReady in a few milliseconds, for what no descriptor tells of.</summary>
    public void CallSoon(long key)
    {
        lock (_gate)
        {
            _soon.Add(key);
            if (_soonAt != long.MaxValue)
            {
                return;
            }

            _soonAt = Environment.TickCount64 + SoonMs;
            Wake();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            if (_epoll < 0)
            {
                return;
            }

            Wake();
        }

        await _ended.Task;
        UnixFile.Close(ref _epoll);
        UnixFile.Close(ref _wake);
    }

    private void Start()
    {
        _epoll = Native.EpollCreate(Native.EfdCloExec);
        _wake = Native.EventFd(0, Native.EfdCloExec | Native.EfdNonBlock);
        if (_epoll < 0 || _wake < 0)
        {
            var why = Errno.Describe(Errno.Last);
            UnixFile.Close(ref _epoll);
            UnixFile.Close(ref _wake);
            throw new TransportException(TransportError.NotSupported, $"{_name}: no descriptors for its poll loop: {why}");
        }

        Control(Native.EpollAdd, 0, _wake, Native.EpollIn);
        new Thread(Run) { IsBackground = true, Name = _name }.Start();
    }

    private void Wake()
    {
        Span<byte> one = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(one, 1);
        _ = UnixFile.Write(_wake, one);
    }

    private unsafe void Control(int operation, long key, int fd, uint events)
    {
        var change = stackalloc byte[16];
        *(uint*)change = events;
        *(long*)(change + DataOffset) = key;
        if (_epoll >= 0 && Native.EpollControl(_epoll, operation, fd, change) != 0)
        {
            LogControlFailed(fd, Errno.Describe(Errno.Last));
        }
    }

    private unsafe void Run()
    {
        var events = stackalloc byte[16 * EventsPerWait];
        var nextTick = Environment.TickCount64 + TickMs;
        while (!Volatile.Read(ref _stopped))
        {
            var next = Math.Min(nextTick, Volatile.Read(ref _soonAt));
            var count = Native.EpollWait(_epoll, events, EventsPerWait, (int)Math.Clamp(next - Environment.TickCount64, 0, TickMs));
            for (var i = 0; i < count; i++)
            {
                Ready(*(long*)(events + (i * EventSize) + DataOffset));
            }

            if (Environment.TickCount64 >= Volatile.Read(ref _soonAt))
            {
                CallThoseDue();
            }

            if (Environment.TickCount64 >= nextTick)
            {
                nextTick = Environment.TickCount64 + TickMs;
                Each(static target => target.OnTick());
            }
        }

        Each(static target => target.OnStop());
        _ended.SetResult();
    }

    private void CallThoseDue()
    {
        long[] due;
        lock (_gate)
        {
            due = [.. _soon];
            _soon.Clear();
            Volatile.Write(ref _soonAt, long.MaxValue);
        }

        foreach (var key in due)
        {
            Ready(key);
        }
    }

    private void Ready(long key)
    {
        if (key == 0)
        {
            Span<byte> count = stackalloc byte[8];
            _ = UnixFile.Read(_wake, count);
            return;
        }

        IPollTarget? target;
        lock (_gate)
        {
            _targets.TryGetValue(key, out target);
        }

        if (target is not null)
        {
            Guard(target, static t => t.OnReady());
        }
    }

    private void Each(Action<IPollTarget> call)
    {
        foreach (var target in Volatile.Read(ref _snapshot))
        {
            Guard(target, call);
        }
    }

    /// <summary>An exception here would end the process: it is a bug, but of one channel.</summary>
    private void Guard(IPollTarget target, Action<IPollTarget> call)
    {
        try
        {
            call(target);
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "a channel's poll step failed")]
    private partial void LogFailed(Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "epoll_ctl of descriptor {Fd}: {Error}")]
    private partial void LogControlFailed(int fd, string error);
}
