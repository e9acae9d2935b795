using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Omnisight.Sdk;

/// <summary>
/// Tells a forked child from its parent with one read: a page that the kernel empties in the child. The runtime's threads do not exist
/// in a child, so the library refuses there instead of hanging.
/// </summary>
internal static unsafe class ForkGuard
{
    private static int* _page;

    /// <summary>True in a child of the process that loaded the library.</summary>
    public static bool IsForked => *_page == 0;

    /// <summary>A constant in the image: nothing is allocated in a child.</summary>
    public static ReadOnlySpan<byte> Message =>
        "this process is a fork of the one that uses libomnisight: call exec, or call the library in the child alone (daemonize before ipc_server_get_default_config)\0"u8;

    /// <summary>With the runtime, whichever function is called first: its threads are what a child lacks, whatever was opened.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The ModuleInitializer attribute should not be used in libraries", Justification = "a shared library for C has no main of its own")]
    internal static void Arm()
    {
        var page = (int*)NativeLibc.Map(null, 4096, NativeLibc.ProtRead | NativeLibc.ProtWrite, NativeLibc.MapPrivate | NativeLibc.MapAnonymous, -1, 0);
        if (page == (int*)-1)
        {
            throw new InvalidOperationException("mmap of one page failed: no memory");
        }

        // Kernels before 4.14 refuse: there the guard always says: not forked.
        _ = NativeLibc.Advise(page, 4096, NativeLibc.WipeOnFork);
        *page = 1;
        _page = page;
    }
}
