using System.Runtime.InteropServices;

namespace Omnisight.Cli.Hosting;

/// <summary>The C library's heap, from which the runtime's compiler has its memory.</summary>
internal static partial class NativeHeap
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>
    /// glibc gives threads arenas of their own, and an arena keeps what was freed in it. The runtime's compiling threads come and go, each with another arena
    /// of up to 2 MB: a node grew by 4 MB in its first hour. Until disposed, what is free goes back to the system once a minute, in less than a millisecond.
    /// </summary>
    public static Timer GiveBackWhatIsFree()
    {
        var timer = new Timer(Trim);
        _ = timer.Change(Every, Every);
        return timer;
    }

    private static void Trim(object? timer)
    {
        try
        {
            _ = Trim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library than glibc.
            ((Timer)timer!).Dispose();
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nint kept);
}
