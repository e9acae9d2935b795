using System.Globalization;
using System.Runtime.InteropServices;
using Omnisight.Sdk;

namespace Omnisight.Transport.Files;

/// <summary>The twin of plugins/Transport.Files/UnixFile.Mono.cs without Mono's native library, which a single shared library can't carry.</summary>
internal static partial class UnixFile
{
    /// <summary>The effective user.</summary>
    public static uint EffectiveUser { get; } = NativeLibc.EffectiveUser();

    /// <summary>Makes a FIFO with exactly this mode, whatever the umask, and this group if one is named.</summary>
    public static int MakeFifo(NativePath path, uint mode, uint? group) =>
        NativeLibc.MakeFifo(path.Text, mode) != 0 ? Marshal.GetLastPInvokeError() : SetAccess(path, mode, group);

    /// <summary>Gives a file of ours a group, if one is named, and exactly this mode.</summary>
    public static int SetAccess(NativePath path, uint mode, uint? group) =>
        (group is { } gid && NativeLibc.ChangeOwner(path.Text, uint.MaxValue, gid) != 0) || NativeLibc.ChangeMode(path.Text, mode) != 0 ? Marshal.GetLastPInvokeError() : 0;

    /// <summary>The id of a group by name (of /etc/group) or number; null when there is none.</summary>
    public static uint? FindGroup(string name) =>
        uint.TryParse(name, CultureInfo.InvariantCulture, out var id) ? id
        : File.ReadLines("/etc/group").Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 2 && f[0] == name) is { } entry
            && uint.TryParse(entry[2], CultureInfo.InvariantCulture, out var gid) ? gid : null;
}
