using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>The system calls of the C API itself; the transports have their own.</summary>
internal static unsafe partial class NativeLibc
{
    public const int ProtRead = 1, ProtWrite = 2, MapPrivate = 2, MapAnonymous = 0x20, WipeOnFork = 18;
    public const int SigBlock = 0, SigSetMask = 2;

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc", EntryPoint = "madvise")]
    public static partial int Advise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    public static partial int SignalMask(int how, SignalSet* set, SignalSet* before);

    [LibraryImport("libc", EntryPoint = "sigpending")]
    public static partial int PendingSignals(SignalSet* set);

    [LibraryImport("libc", EntryPoint = "sigtimedwait")]
    public static partial int WaitSignal(SignalSet* set, void* info, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeMode(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint user, uint group);
}
