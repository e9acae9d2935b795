using System.Globalization;
using System.Text;

namespace Omnisight.Transport.Files;

/// <summary>
/// A file whose flock says who owns an end of a channel, and whose text ("pid ticks") names the owner. 0600: who may not be
/// the owner can't hold it either. The system frees the lock when the process ends, however it ends.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private const long CheckNs = 500_000_000;

    private readonly NativePath _path;
    private readonly string _what;
    private int _fd;
    private long _heldAt;
    private bool _held = true;

    private OwnerLock(NativePath path, string what, int fd)
    {
        _path = path;
        _what = what;
        _fd = fd;
    }

    /// <summary>Takes the lock; null when another holds it, who is then named.</summary>
    /// <exception cref="TransportException">The lock file can't be made or is not to be trusted.</exception>
    public static OwnerLock? TryTake(string path, string what, out ProcessIdentity owner)
    {
        owner = default;
        var native = new NativePath(path);
        while (true)
        {
            // To read: what is open to write keeps a file system from being made read-only.
            var fd = UnixFile.Open(native, Native.ORdOnly | Native.OCreat | Native.ONonBlock, 0x180);
            if (fd < 0)
            {
                throw new TransportException(Errno.ToTransportError(-fd), $"{what}: can't open the lock {path} as uid {UnixFile.EffectiveUser}: {Errno.Describe(-fd)}");
            }

            if (!FileStatus.TryOf(fd, out var opened) || opened.Kind != FileKind.Regular || opened.Uid != UnixFile.EffectiveUser)
            {
                UnixFile.Close(ref fd);
                throw new TransportException(TransportError.Unsafe, $"{what}: refusing the lock {path}: {opened.Kind}, owned by uid {opened.Uid}, this is uid {UnixFile.EffectiveUser}; remove it");
            }

            if (Native.Flock(fd, Native.LockEx | Native.LockNb) != 0)
            {
                UnixFile.Close(ref fd);
                owner = Owner(path);
                return null;
            }

            // Its last owner may have removed it between our open and our lock: then the lock is on a file that nobody else will ever see.
            if (FileStatus.TryAt(native, out var there) && there.SameFile(opened))
            {
                Write(native);
                return new OwnerLock(native, what, fd);
            }

            UnixFile.Close(ref fd);
        }
    }

    /// <summary>Who took the lock last; default when nobody can be named. Alive or not is another question.</summary>
    public static ProcessIdentity Owner(string path)
    {
        // Not by File.ReadAllText: .NET takes a lock to read, which the owner's excludes.
        var fd = UnixFile.Open(new NativePath(path), Native.ORdOnly | Native.ONonBlock);
        if (fd < 0)
        {
            return default;
        }

        Span<byte> text = stackalloc byte[64];
        var length = UnixFile.Read(fd, text);
        UnixFile.Close(ref fd);
        var words = Encoding.ASCII.GetString(text[..Math.Max(0, length)]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && int.TryParse(words[0], CultureInfo.InvariantCulture, out var pid) && ulong.TryParse(words[1], CultureInfo.InvariantCulture, out var ticks)
            ? new ProcessIdentity(pid, ticks)
            : default;
    }

    /// <summary>
    /// A lock whose file was removed keeps nobody out. Looks at most twice a second, and takes it again under its name; false when another has it by now.
    /// </summary>
    public bool Hold(long nowNs)
    {
        if (nowNs - _heldAt >= CheckNs)
        {
            _heldAt = nowNs;
            _held = IsAtPath() || TakeAgain();
        }

        return _held;
    }

    /// <summary>Frees the lock and removes its file, unless that is another's by now.</summary>
    public void Dispose()
    {
        if (_fd >= 0)
        {
            if (IsAtPath())
            {
                _ = UnixFile.Unlink(_path);
            }

            UnixFile.Close(ref _fd);
        }
    }

    private bool IsAtPath() => FileStatus.TryOf(_fd, out var ours) && FileStatus.TryAt(_path, out var there) && there.SameFile(ours);

    private bool TakeAgain()
    {
        try
        {
            if (TryTake(_path.Text, _what, out _) is not { } again)
            {
                return false;
            }

            UnixFile.Close(ref _fd);
            (_fd, again._fd) = (again._fd, -1);
            return true;
        }
        catch (TransportException)
        {
            return false;
        }
    }

    private static void Write(NativePath path)
    {
        var self = ProcessIdentity.Self;
        var fd = UnixFile.Open(path, Native.OWrOnly | Native.OTrunc | Native.ONonBlock);
        if (fd >= 0)
        {
            _ = UnixFile.Write(fd, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{self.Pid} {self.StartTicks}")));
            UnixFile.Close(ref fd);
        }
    }
}
