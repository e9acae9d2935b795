namespace Omnisight.Transport.Files;

/// <summary>What statx told of a file; two are of the same, unchanged file when they are equal.</summary>
internal readonly record struct FileStatus(FileKind Kind, uint Uid, uint Gid, uint Mode, ulong Device, ulong Inode, long Size, long ModifiedNs)
{
    private const uint KindMask = 0xF000;

    /// <summary>The file behind a descriptor; false: see <see cref="Errno.Last"/>.</summary>
    public static unsafe bool TryOf(int fd, out FileStatus status)
    {
        var empty = (byte)0;
        return TryGet(fd, &empty, Native.AtEmptyPath, out status);
    }

    /// <summary>The file at a path, symbolic links not followed; false: see <see cref="Errno.Last"/>.</summary>
    public static unsafe bool TryAt(NativePath path, out FileStatus status)
    {
        fixed (byte* p = path.Bytes)
        {
            return TryGet(Native.AtFdCwd, p, Native.AtSymlinkNoFollow, out status);
        }
    }

    /// <summary>True when both are the same file, changed or not.</summary>
    public bool SameFile(in FileStatus other) => Inode == other.Inode && Device == other.Device;

    private static unsafe bool TryGet(int directory, byte* path, int flags, out FileStatus status)
    {
        Native.Statx x = default;
        if (Native.StatX(directory, path, flags, Native.StatxBasic, &x) != 0)
        {
            status = default;
            return false;
        }

        var kind = (x.Mode & KindMask) switch
        {
            0x8000 => FileKind.Regular,
            0x1000 => FileKind.Fifo,
            0x4000 => FileKind.Directory,
            0xA000 => FileKind.SymbolicLink,
            _ => FileKind.Other,
        };
        status = new FileStatus(kind, x.Uid, x.Gid, x.Mode & 0xFFFu, ((ulong)x.DeviceMajor << 32) | x.DeviceMinor, x.Inode, (long)x.Size,
            (x.ModifiedSeconds * 1_000_000_000) + x.ModifiedNanoseconds);
        return true;
    }
}
