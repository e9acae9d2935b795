using System.Runtime.InteropServices;

namespace Omnisight.Kernel.Configuration;

/// <summary>Who owns a path, and what others may do with it: what .NET doesn't tell.</summary>
internal static partial class FileOwner
{
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const uint StatxTypeModeUid = 0x1 | 0x2 | 0x8;

    private const ushort TypeMask = 0xF000;
    private const ushort Symlink = 0xA000;
    private const ushort Folder = 0x4000;
    private const ushort Regular = 0x8000;

    public static uint EffectiveUser => geteuid();

    /// <summary>Looks at the path itself, not at what a symbolic link points to; null when there is nothing.</summary>
    public static (bool IsLink, bool IsDirectory, bool IsFile, uint User, UnixFileMode Mode)? Of(string path)
    {
        if (statx(AtFdCwd, path, AtSymlinkNoFollow, StatxTypeModeUid, out var found) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            const int NoEntry = 2;
            return error == NoEntry ? null : throw new UnauthorizedAccessException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return ((found.Mode & TypeMask) == Symlink, (found.Mode & TypeMask) == Folder, (found.Mode & TypeMask) == Regular, found.User, (UnixFileMode)(found.Mode & 0xFFF));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out Statx found);

    /// <summary>struct statx of linux/stat.h: the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
