using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>Removes inboxes that nobody locks or reads and that are old enough not to be in the making: this user's, and all in a directory of ours.</summary>
internal sealed partial class InboxSweep : IPollTarget
{
    private const int TicksPerSweep = 20;

    private readonly ILiveOptions<FifoOptions> _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly HashSet<(string Directory, string Name)> _prefixes = [];
    private int _ticks;

    public InboxSweep(ILiveOptions<FifoOptions> options, ILogger logger)
    {
        _options = options;
        _logger = logger;
    }

    /// <summary>Inboxes of a directory whose file names begin with this are swept from now on, at once and every ten seconds.</summary>
    public void Include(string directory, string prefix)
    {
        lock (_gate)
        {
            if (!_prefixes.Add((directory, prefix)))
            {
                return;
            }
        }

        Sweep(directory, prefix);
    }

    void IPollTarget.OnReady()
    {
    }

    void IPollTarget.OnTick()
    {
        if (++_ticks % TicksPerSweep != 0)
        {
            return;
        }

        (string Directory, string Name)[] prefixes;
        lock (_gate)
        {
            prefixes = [.. _prefixes];
        }

        foreach (var (directory, prefix) in prefixes)
        {
            Sweep(directory, prefix);
        }
    }

    void IPollTarget.OnStop()
    {
    }

    private void Sweep(string directory, string prefix)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        var ownsDirectory = FileStatus.TryAt(new NativePath(directory), out var of) && of.Uid == UnixFile.EffectiveUser;
        try
        {
            foreach (var file in Directory.EnumerateFiles(directory, prefix + "*"))
            {
                // The pattern "a.*" also finds "a".
                var name = Path.GetFileName(file);
                if (name.Length > prefix.Length && InboxAddress.IsValid(name[prefix.Length..]))
                {
                    SweepOne(new NativePath(file), ownsDirectory);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogSweepFailed(directory, e.Message);
        }
    }

    private void SweepOne(NativePath path, bool ownsDirectory)
    {
        if (!FileStatus.TryAt(path, out var there) || there.Kind != FileKind.Fifo || (there.Uid != UnixFile.EffectiveUser && !ownsDirectory) || Age(there) < _options.Current.InboxSweepAge)
        {
            return;
        }

        var fd = UnixFile.Open(path, Native.OWrOnly | Native.ONonBlock);
        var isRead = fd >= 0;
        UnixFile.Close(ref fd);
        if (isRead)
        {
            return;
        }

        fd = UnixFile.Open(path, Native.ORdOnly | Native.ONonBlock);
        // Another user's inbox can't be opened to read, so not locked; but its owner would be reading it.
        var abandoned = fd == -Errno.NoAccess
            || (fd >= 0 && FileStatus.TryOf(fd, out var opened) && opened.SameFile(there) && Native.Flock(fd, Native.LockEx | Native.LockNb) == 0);
        if (abandoned && UnixFile.Unlink(path) == 0)
        {
            LogSwept(path.Text);
        }

        UnixFile.Close(ref fd);
    }

    /// <summary>By the files' own clock: the directory's time is wall time, and so is now.</summary>
    private static TimeSpan Age(in FileStatus file) =>
        TimeSpan.FromTicks((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks - (file.ModifiedNs / 100));

    [LoggerMessage(Level = LogLevel.Information, Message = "removed the inbox {Path}: its owner is gone")]
    private partial void LogSwept(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "can't look for abandoned inboxes in {Directory}: {Reason}")]
    private partial void LogSweepFailed(string directory, string reason);
}
