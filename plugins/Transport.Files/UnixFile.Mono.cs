using Mono.Unix.Native;

namespace Omnisight.Transport.Files;

/// <summary>The part that uses Mono.Unix; a build without its native library (sdk/c, NativeAOT) swaps this file.</summary>
internal static partial class UnixFile
{
    /// <summary>The effective user.</summary>
    public static uint EffectiveUser { get; } = Syscall.geteuid();

    /// <summary>Makes a FIFO with exactly this mode, whatever the umask, and this group if one is named.</summary>
    public static int MakeFifo(NativePath path, uint mode, uint? group) =>
        Syscall.mkfifo(path.Text, NativeConvert.ToFilePermissions(mode)) != 0 ? LastError() : SetAccess(path, mode, group);

    /// <summary>Gives a file of ours a group, if one is named, and exactly this mode.</summary>
    public static int SetAccess(NativePath path, uint mode, uint? group) =>
        (group is { } gid && Syscall.lchown(path.Text, uint.MaxValue, gid) != 0) || Syscall.chmod(path.Text, NativeConvert.ToFilePermissions(mode)) != 0 ? LastError() : 0;

    /// <summary>The id of a group by name or number; null when there is none.</summary>
    public static uint? FindGroup(string name) =>
        uint.TryParse(name, System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : Syscall.getgrnam(name)?.gr_gid;

    private static int LastError() => (int)NativeConvert.FromErrno(Stdlib.GetLastError());
}
