using System.Runtime.InteropServices;

namespace Omnisight.PeerProcess;

/// <summary>What else lives in a process: a sandbox (seccomp) that refuses futexes between processes and no other call, a library with handlers of its own. For x86-64.</summary>
internal static unsafe partial class Sandbox
{
    private const int SigBus = 7, NoNewPrivileges = 38;
    private const nint SeccompCall = 317;
    private const uint FutexCall = 202, FilterMode = 1, AllThreads = 1;
    private const uint CallAt = 0, OperationAt = 24; // struct seccomp_data: the call's number, the low half of its second argument
    private const uint PrivateFutex = 128;
    private const uint Allow = 0x7fff0000, RefuseEperm = 0x00050001;
    private const ushort Load = 0x20, JumpEqual = 0x15, JumpAnyBit = 0x45, Return = 0x06;

    public static void RefuseSharedFutexes()
    {
        var filter = stackalloc Instruction[]
        {
            new(Load, 0, 0, CallAt),
            new(JumpEqual, 0, 3, FutexCall),
            new(Load, 0, 0, OperationAt),
            new(JumpAnyBit, 1, 0, PrivateFutex),
            new(Return, 0, 0, RefuseEperm),
            new(Return, 0, 0, Allow),
        };
        var program = new Program { Length = 6, Filter = filter };
        if (Control(NoNewPrivileges, 1, 0, 0, 0) != 0 || Call(SeccompCall, FilterMode, AllThreads, &program) != 0)
        {
            throw new InvalidOperationException("can't make the sandbox");
        }
    }

    /// <summary>As a library does that asks nobody: the system's own way takes the place of every handler.</summary>
    public static void TakeSigBus() => Signal(SigBus, 0);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int number, nint handler);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int what, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, uint operation, uint flags, Program* program);

    /// <summary>struct sock_filter.</summary>
    private readonly struct Instruction(ushort code, byte whenTrue, byte whenFalse, uint value)
    {
        public readonly ushort Code = code;
        public readonly byte WhenTrue = whenTrue;
        public readonly byte WhenFalse = whenFalse;
        public readonly uint Value = value;
    }

    /// <summary>struct sock_fprog.</summary>
    private struct Program
    {
        public ushort Length;
        public Instruction* Filter;
    }
}
