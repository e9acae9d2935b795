using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Omnisight.Transport.Shm;

/// <summary>
/// Memory of a file that was cut kills whoever touches it (SIGBUS), and the runtime lets nobody catch that. As systemd's journal and libwayland do, a handler puts zeros in the place of the whole
/// mapping and marks it as cut, so that whoever was inside goes on with zeros and finds out by looking at the mark. A handler must not be managed code: this one is 121 bytes of machine
/// code (CutGuard.s), hands every address that is not watched to the handler before it, and lives as long as the process. Only on x86-64, and only where code may be made at run time:
/// elsewhere nothing is watched, and writers ask before they store.
/// </summary>
internal static unsafe class CutGuard
{
    private const int CodeBytes = 4096, FirstWatchAt = CodeBytes + 64, Watches = 512;
    private const int SigBus = 7, TakesInfo = 4;

    /// <summary>Where loads of this plugin find the handler of the first; 0 = do without.</summary>
    internal const string SharedName = "Omnisight.Transport.Shm.CutGuard/1";

    private static readonly byte* Start = Install();

    private static ReadOnlySpan<byte> Handler =>
    [
        0x83, 0x7e, 0x08, 0x00, 0x7e, 0x31, 0x48, 0x8b, 0x46, 0x10, 0x4c, 0x8d, 0x05, 0x2f, 0x10, 0x00,
        0x00, 0x4d, 0x8d, 0x88, 0x00, 0x40, 0x00, 0x00, 0x4d, 0x8b, 0x10, 0x49, 0x8b, 0x48, 0x08, 0x4c,
        0x39, 0xd0, 0x72, 0x0a, 0x48, 0x39, 0xc8, 0x73, 0x05, 0x4d, 0x3b, 0x10, 0x74, 0x0f, 0x49, 0x83,
        0xc0, 0x20, 0x4d, 0x39, 0xc8, 0x72, 0xe1, 0xff, 0x25, 0xc3, 0x0f, 0x00, 0x00, 0x57, 0x56, 0x52,
        0x41, 0xc7, 0x40, 0x10, 0x01, 0x00, 0x00, 0x00, 0x4c, 0x89, 0xd7, 0x48, 0x89, 0xce, 0x48, 0x29,
        0xfe, 0xba, 0x03, 0x00, 0x00, 0x00, 0x41, 0xba, 0x32, 0x40, 0x00, 0x00, 0x49, 0xc7, 0xc0, 0xff,
        0xff, 0xff, 0xff, 0x45, 0x31, 0xc9, 0xb8, 0x09, 0x00, 0x00, 0x00, 0x0f, 0x05, 0x48, 0x3d, 0x01,
        0xf0, 0xff, 0xff, 0x5a, 0x5e, 0x5f, 0x73, 0xbf, 0xc3,
    ];

    /// <summary>False where nothing is watched, or somebody's handler has taken this one's place, which may call it or not.</summary>
    public static bool IsInPlace
    {
        get
        {
            SignalAction action;
            return Start != null && Native.Action(SigBus, null, &action) == 0 && action.Handler == (nint)Start;
        }
    }

    /// <summary>The handler's code, for the test that assembles its source.</summary>
    internal static byte[] Code => Handler.ToArray();

    /// <summary>Watches a mapping until <see cref="Forget"/>; null where nothing can be watched, or too much is.</summary>
    public static Watch* Over(void* start, nuint bytes)
    {
        for (var i = 0; Start != null && i < Watches; i++)
        {
            var watch = (Watch*)(Start + FirstWatchAt) + i;
            if (watch->Start == 0 && Interlocked.CompareExchange(ref watch->Start, (nint)start, 0) == 0)
            {
                watch->Cut = 0;
                Volatile.Write(ref watch->End, (nint)start + (nint)bytes);
                return watch;
            }
        }

        return null;
    }

    /// <summary>Before the mapping goes: what is mapped there next is somebody else's.</summary>
    public static void Forget(Watch* watch)
    {
        if (watch != null)
        {
            Volatile.Write(ref watch->End, 0);
            Volatile.Write(ref watch->Start, 0);
        }
    }

    /// <summary>One handler for the process, however often this plugin is loaded into it (of two at the same instant, one behind the other).</summary>
    private static byte* Install()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !RuntimeFeature.IsDynamicCodeSupported)
        {
            return null;
        }

        if (AppContext.GetData(SharedName) is not nint shared)
        {
            shared = (nint)Make();
            AppContext.SetData(SharedName, shared);
        }

        return (byte*)shared;
    }

    private static byte* Make()
    {
        var bytes = (nuint)(FirstWatchAt + (Watches * sizeof(Watch)));
        var start = (byte*)Native.Map(null, bytes, Native.ProtRead | Native.ProtWrite, Native.MapPrivate | Native.MapAnonymous, -1, 0);
        if (start == (byte*)-1)
        {
            return null;
        }

        Handler.CopyTo(new Span<byte>(start, CodeBytes));
        SignalAction action;
        if (Native.Protect(start, CodeBytes, Native.ProtRead | Native.ProtExecute) == 0 && Native.Action(SigBus, null, &action) == 0 && (action.Flags & TakesInfo) != 0)
        {
            *(nint*)(start + CodeBytes) = action.Handler;
            action.Handler = (nint)start;
            SignalAction before;
            if (Native.Action(SigBus, &action, &before) == 0)
            {
                *(nint*)(start + CodeBytes) = before.Handler;
                return start;
            }
        }

        _ = Native.Unmap(start, bytes);
        return null;
    }

    /// <summary>A mapping that is watched; the handler knows this layout.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    internal struct Watch
    {
        public nint Start;
        public nint End;
        public uint Cut;
    }

    /// <summary>struct sigaction, as glibc and musl have it on x86-64.</summary>
    internal struct SignalAction
    {
        public nint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nint Restorer;
    }
}
