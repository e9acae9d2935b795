using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Omnisight.Commands;

/// <summary>What .NET's file API lacks for files that others might plant: O_NOFOLLOW, owner, flock. All of this assembly's P/Invoke.</summary>
internal static unsafe partial class NativeFile
{
    public const int OwnerOnly = 0x180; // 0600

    private const int ReadWrite = 2, Create = 0x40, Exclusive = 0x80, Append = 0x400, NoFollow = 0x20000, NoFollowArm = 0x8000, CloseOnExec = 0x80000;
    private const int AtCurrentDirectory = -100, AtEmptyPath = 0x1000, AtSymlinkNoFollow = 0x100, StatBasic = 0x7ff;
    private const int TypeMask = 0xF000, RegularFile = 0x8000, Directory = 0x4000;
    private const int LockExclusive = 2, LockNonBlocking = 4, LockNone = 8, Interrupted = 4;

    /// <summary>Opens for reading and appending, made 0600 when missing; refuses links, other kinds of file and other owners.</summary>
    public static SafeFileHandle OpenOwned(string path, bool append)
    {
        var handle = Open(path, ReadWrite | Create | (append ? Append : 0));
        try
        {
            RequireOwned(handle, path);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Makes a new file, 0600; it must not exist.</summary>
    public static SafeFileHandle CreateNew(string path) => Open(path, ReadWrite | Create | Exclusive);

    /// <summary>Waits for the exclusive lock on an open file; it is free when the handle is closed or the process is gone.</summary>
    public static void Lock(SafeFileHandle handle)
    {
        while (flock(handle, LockExclusive) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Interrupted)
            {
                throw new IOException($"flock failed: {Marshal.GetPInvokeErrorMessage(errno)}");
            }
        }
    }

    /// <summary>Takes the exclusive lock if nobody has it.</summary>
    public static bool TryLock(SafeFileHandle handle) => flock(handle, LockExclusive | LockNonBlocking) == 0;

    public static void Unlock(SafeFileHandle handle) => _ = flock(handle, LockNone);

    /// <summary>The inode behind a path (links are not followed), 0 when there is none.</summary>
    public static ulong InodeOf(string path) =>
        statx(AtCurrentDirectory, path, AtSymlinkNoFollow, StatBasic, out var stat) == 0 ? stat.Inode : 0;

    /// <summary>The inode behind a handle.</summary>
    public static ulong InodeOf(SafeFileHandle handle) =>
        Stat(handle, out var stat) ? stat.Inode : 0;

    /// <summary>True when the path is a directory of our own that nobody else may enter.</summary>
    public static bool IsPrivateDirectory(string path) =>
        statx(AtCurrentDirectory, path, AtSymlinkNoFollow, StatBasic, out var stat) == 0
        && (stat.Mode & TypeMask) == Directory && (stat.Mode & 0x3F) == 0 && stat.Uid == geteuid();

    private static void RequireOwned(SafeFileHandle handle, string path)
    {
        if (!Stat(handle, out var stat))
        {
            throw new IOException($"'{path}' can't be examined: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        if ((stat.Mode & TypeMask) != RegularFile)
        {
            throw new TransportException(TransportError.Unsafe, $"refusing '{path}': it is not a regular file; remove it");
        }

        if (stat.Uid != geteuid() || (stat.Mode & 0x3F) != 0)
        {
            throw new TransportException(TransportError.Unsafe, $"refusing '{path}': owned by uid {stat.Uid}, mode {Convert.ToString(stat.Mode & 0xFFF, 8)}; it must be ours (uid {geteuid()}) and 0600");
        }
    }

    private static bool Stat(SafeFileHandle handle, out StatX stat) => statx(handle, "", AtEmptyPath, StatBasic, out stat) == 0;

    private static SafeFileHandle Open(string path, int flags)
    {
        var noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? NoFollowArm : NoFollow;
        var handle = open(path, flags | noFollow | CloseOnExec, OwnerOnly);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        var errno = Marshal.GetLastPInvokeError();
        var reason = Marshal.GetPInvokeErrorMessage(errno);
        handle.Dispose();
        throw errno switch
        {
            1 or 13 => new TransportException(TransportError.Permission, $"'{path}' can't be opened: {reason}"),
            28 => new TransportException(TransportError.NoSpace, $"'{path}' can't be made: {reason}"),
            40 => new TransportException(TransportError.Unsafe, $"refusing '{path}': it is a symbolic link; remove it"),
            _ => new IOException($"'{path}' can't be opened: {reason}"),
        };
    }

    /// <summary>struct statx: the same on every architecture, unlike struct stat.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(20)]
        public uint Uid;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;
    }

    // open is variadic in C; on the ABIs that .NET runs on under Linux three register arguments are passed alike.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle handle, int operation);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out StatX stat);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle directory, string path, int flags, uint mask, out StatX stat);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
