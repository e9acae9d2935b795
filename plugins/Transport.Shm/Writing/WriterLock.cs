using System.Globalization;
using System.Text;

namespace Omnisight.Transport.Shm;

/// <summary>The right to write a channel: a flock that the system gives back when the process dies, however it dies.</summary>
internal sealed unsafe class WriterLock : IDisposable
{
    private int _fd;

    private WriterLock(int fd) => _fd = fd;

    /// <exception cref="TransportException">Another publisher has the channel, or the file can't be trusted.</exception>
    public static WriterLock Take(in RegionPaths paths)
    {
        var path = paths.Lock;
        var fd = Native.Open(path, Native.ReadWrite | Native.Create | Native.NoFollow | Native.CloseOnExec | Native.NonBlocking, 0x180); // 0600
        if (fd < 0)
        {
            var error = Native.LastError;
            throw RegionErrors.ForeignOwner(path) ?? RegionErrors.From(error, $"can't open the writer lock {path}");
        }

        try
        {
            if (!Native.TryStat(fd, out var facts) || !facts.IsRegular || (facts.Owner != Native.EffectiveUserId()))
            {
                throw RegionErrors.ForeignOwner(path)
                    ?? new TransportException(TransportError.Unsafe, $"refusing: the writer lock {path} is not a regular file; remove it");
            }

            if (Native.Lock(fd, Native.LockExclusive | Native.LockNonBlocking) != 0)
            {
                var error = Native.LastError;
                throw error == Native.Eagain ? Taken(paths, fd) : RegionErrors.From(error, $"can't lock {path}");
            }

            WriteOwner(fd);
            var taken = new WriterLock(fd);
            fd = -1;
            return taken;
        }
        finally
        {
            if (fd >= 0)
            {
                _ = Native.Close(fd);
            }
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

    private static TransportException Taken(in RegionPaths paths, int fd)
    {
        var bytes = stackalloc byte[64];
        var length = (int)Math.Max(0, Native.Read(fd, bytes, 64, 0));
        var owner = Encoding.ASCII.GetString(bytes, length).Split(' ')[0];
        return new TransportException(
            TransportError.InUse,
            $"channel '{paths.Channel}' already has a publisher (pid {(owner.Length == 0 ? "unknown" : owner)}); stop it or choose another Omnisight:Instance");
    }
}
