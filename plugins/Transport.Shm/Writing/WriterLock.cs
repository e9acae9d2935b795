using System.Globalization;
using System.Text;

namespace Omnisight.Transport.Shm;

/// <summary>The right to write a channel: a flock that the system gives back when the process dies, however it dies.</summary>
internal sealed unsafe class WriterLock : IDisposable
{
    private const uint LockMode = 0x180; // 0600

    /// <summary>How often the file may vanish between its opening and its locking before that is no accident.</summary>
    private const int MaxRaces = 16;

    private readonly RegionPaths _paths;
    private int _fd;

    private WriterLock(in RegionPaths paths, int fd) => (_paths, _fd) = (paths, fd);

    /// <exception cref="TransportException">Another publisher has the channel, or the file can't be trusted.</exception>
    public static WriterLock Take(in RegionPaths paths) => new(paths, OpenLocked(paths));

    /// <summary>
    /// A lock whose file was removed keeps nobody out. Called twice a second: takes it again under its name; false, with the reason, when another has it by now or it can't be taken.
    /// </summary>
    public bool Hold(out TransportException? reason)
    {
        reason = null;
        if (IsAt(_paths.Lock, _fd))
        {
            return true;
        }

        try
        {
            var again = OpenLocked(_paths);
            Dispose();
            _fd = again;
            return true;
        }
        catch (TransportException e)
        {
            reason = e;
            return false;
        }
    }

    public void Dispose()
    {
        if (_fd >= 0)
        {
            // Closing alone lets go only of our copy: a child that was forked a moment ago has another until it execs.
            _ = Native.Lock(_fd, Native.LockRelease);
            _ = Native.Close(_fd);
            _fd = -1;
        }
    }

    public static TransportException InUse(in RegionPaths paths, string pid) => new(
        TransportError.InUse, $"channel '{paths.Channel}' already has a publisher (pid {pid}); stop it or choose another Omnisight:Instance");

    /// <summary>Locked, and still the file of that name: what was removed in between would lock nothing.</summary>
    private static int OpenLocked(in RegionPaths paths)
    {
        for (var race = 0; race < MaxRaces; race++)
        {
            var fd = Open(paths.Lock);
            var kept = false;
            try
            {
                if (Native.Lock(fd, Native.LockExclusive | Native.LockNonBlocking) != 0)
                {
                    var error = Native.LastError;
                    throw error == Native.Eagain ? InUse(paths, OwnerOf(fd)) : RegionErrors.From(error, $"can't lock {paths.Lock}");
                }

                if (IsAt(paths.Lock, fd))
                {
                    _ = Native.ChangeMode(fd, LockMode);
                    WriteOwner(fd);
                    kept = true;
                    return fd;
                }
            }
            finally
            {
                if (!kept)
                {
                    _ = Native.Close(fd);
                }
            }
        }

        throw new TransportException(TransportError.Unsafe, $"somebody keeps removing the writer lock {paths.Lock}; see who, and try again");
    }

    private static int Open(string path)
    {
        var fd = Native.Open(path, Native.ReadWrite | Native.Create | Native.NoFollow | Native.CloseOnExec | Native.NonBlocking, LockMode);
        if (fd < 0)
        {
            var error = Native.LastError;
            throw RegionErrors.ForeignOwner(path) ?? RegionErrors.From(error, $"can't open the writer lock {path}");
        }

        // More than one name: somebody could lock it under the other one, or it is a file of ours that was never meant to be this.
        if (Native.TryStat(fd, out var facts) && facts.IsRegular && facts.Owner == Native.EffectiveUserId() && facts.Links <= 1)
        {
            return fd;
        }

        _ = Native.Close(fd);
        throw RegionErrors.ForeignOwner(path)
            ?? new TransportException(TransportError.Unsafe, $"refusing: the writer lock {path} is not a regular file of one name; remove it");
    }

    private static bool IsAt(string path, int fd) => Native.TryStat(path, out var there) && Native.TryStat(fd, out var ours) && there.IsSameFile(ours);

    private static void WriteOwner(int fd)
    {
        var owner = ProcessIdentity.Current;
        var text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{owner.Pid} {owner.StartTicks}\n"));
        fixed (byte* bytes = text)
        {
            _ = Native.SetLength(fd, 0);
            _ = Native.Write(fd, bytes, (nuint)text.Length, 0);
        }
    }

    private static string OwnerOf(int fd)
    {
        var bytes = stackalloc byte[64];
        var length = (int)Math.Max(0, Native.Read(fd, bytes, 64, 0));
        var owner = Encoding.ASCII.GetString(bytes, length).Split(' ')[0];
        return owner.Length == 0 ? "unknown" : owner;
    }
}
