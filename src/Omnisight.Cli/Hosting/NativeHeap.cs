using System.Runtime.InteropServices;

namespace Omnisight.Cli.Hosting;

/// <summary>The C library's heap, from which the runtime's compiler has its memory.</summary>
internal static partial class NativeHeap
{
    private const int MaxArenas = -8;

    /// <summary>
    /// glibc gives threads arenas of their own, up to eight a core, and an arena stays as large as it ever was. The runtime's compiling threads come and go,
    /// each to another arena: a reader at 10 Hz grew by 4 MB in its first hour.
    /// </summary>
    public static void KeepToTwoArenas()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(MaxArenas, 2);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc: it has no arenas.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
