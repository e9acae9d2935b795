using System.Runtime.InteropServices;

namespace Omnisight.Cli.Bench;

/// <summary>The system calls of the floors: the barest futex hand-over, and a pace that does not drift.</summary>
internal static unsafe partial class BenchNative
{
    private const int ClockMonotonic = 1, AbsoluteTime = 1, FutexWaitOperation = 0, FutexWakeOperation = 1;

    /// <summary>Where a pinned publisher runs, and where those do that receive from it.</summary>
    public const ulong PublisherCore = 1, ReceiverCore = 2, AllButPublisherCore = ~PublisherCore;

    private static readonly nint FutexCall = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial nint WakeCall(nint number, uint* address, int operation, int count, void* timeout, void* second, int third);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint WaitCall(nint number, uint* address, int operation, uint expected, Timespec* timeout, void* second, int third);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int SleepCall(int clock, int flags, Timespec* until, Timespec* left);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int PinCall(int thread, nint bytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "execve", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ReplaceCall(string path, string?[] arguments, string?[] environment);

    /// <summary>Becomes this program again, with the same arguments and pid; returns only when the system refuses.</summary>
    public static void Restart(IEnumerable<string> environment) =>
        _ = ReplaceCall("/proc/self/exe", [.. File.ReadAllText("/proc/self/cmdline")[..^1].Split('\0'), null], [.. environment, null]);

    public static void Wake(uint* word) => _ = WakeCall(FutexCall, word, FutexWakeOperation, int.MaxValue, null, null, 0);

    public static void Wait(uint* word, uint expected, long timeoutNs)
    {
        var span = new Timespec { Seconds = timeoutNs / 1_000_000_000, Nanoseconds = timeoutNs % 1_000_000_000 };
        _ = WaitCall(FutexCall, word, FutexWaitOperation, expected, &span, null, 0);
    }

    public static void SleepUntil(long monoNs)
    {
        var until = new Timespec { Seconds = monoNs / 1_000_000_000, Nanoseconds = monoNs % 1_000_000_000 };
        _ = SleepCall(ClockMonotonic, AbsoluteTime, &until, null);
    }

    /// <summary>Keeps the calling thread, and those that it starts, on these cores.</summary>
    public static void Pin(ulong cores)
    {
        if (PinCall(0, sizeof(ulong), &cores) != 0)
        {
            throw new CliException(ExitCode.Usage, $"this process can't be kept on the cores 0x{cores:x}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
