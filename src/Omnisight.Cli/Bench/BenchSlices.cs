using System.Runtime.InteropServices;

namespace Omnisight.Cli.Bench;

/// <summary>Makes a floor's receiver run as soon as it is woken, as Transport.Shm does with ShortSlices (sched_setattr(2); Linux 6.12, before that nothing changes).</summary>
internal static unsafe partial class BenchSlices
{
    private const ulong ShortNs = 100_000;
    private const uint Other = 0, Batch = 3;

    private static readonly bool IsArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static readonly nint SetCall = IsArm64 ? 274 : 314, GetCall = IsArm64 ? 275 : 315;

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Get(nint number, int thread, Schedule* to, uint bytes, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Set(nint number, int thread, Schedule* schedule, uint flags);

    /// <summary>For the calling thread; one that is real-time, or has shorter ones, stays as it is.</summary>
    public static void AskForShort()
    {
        Schedule schedule = default;
        if (Get(GetCall, 0, &schedule, (uint)sizeof(Schedule), 0) == 0 && schedule.Policy is Other or Batch && schedule.Runtime > ShortNs)
        {
            schedule.Runtime = ShortNs;
            _ = Set(SetCall, 0, &schedule, 0);
        }
    }

    /// <summary>struct sched_attr, in its first version.</summary>
    private struct Schedule
    {
        public uint Bytes;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
