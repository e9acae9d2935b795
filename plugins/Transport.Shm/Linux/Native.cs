using System.Runtime.InteropServices;

namespace Omnisight.Transport.Shm;

/// <summary>Every call into libc that this plugin makes. errno is captured by the marshaller at once.</summary>
internal static unsafe partial class Native
{
    private const string Libc = "libc";

    private static readonly bool IsArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    // asm-generic values; O_NOFOLLOW is where the two architectures differ.
    public const int ReadOnly = 0, ReadWrite = 2, Create = 0x40, Exclusive = 0x80, NonBlocking = 0x800, CloseOnExec = 0x80000;

    public static readonly int NoFollow = IsArm64 ? 0x8000 : 0x20000;

    private static readonly nint FutexCall = IsArm64 ? 98 : 202, SetScheduleCall = IsArm64 ? 274 : 314, GetScheduleCall = IsArm64 ? 275 : 315;

    public const int ProtRead = 1, ProtWrite = 2, ProtExecute = 4, MapShared = 1, MapPrivate = 2, MapFixed = 0x10, MapAnonymous = 0x20;

    public const int LockExclusive = 2, LockNonBlocking = 4, LockRelease = 8;

    public const int SeekEnd = 2;

    public const int Eperm = 1, Enoent = 2, Esrch = 3, Eintr = 4, Eagain = 11, Enomem = 12, Eacces = 13, Efault = 14, Eexist = 17, Eisdir = 21, Enfile = 23, Emfile = 24, Enospc = 28, Erofs = 30, Eloop = 40, Etimedout = 110, Edquot = 122;

    private const int FutexWakeOperation = 1, FutexWaitBitsOperation = 9, FutexWakeBitsOperation = 10;

    /// <summary>The bit of those who sleep on their own thread: nobody wakes it but a writer, whose wake reaches all.</summary>
    public const int OwnThreadBit = int.MinValue;

    private const int AtFdCwd = -100, AtSymlinkNoFollow = 0x100, AtEmptyPath = 0x1000;

    private const uint StatxBasic = 0x7ff;

    private const uint ScheduleOther = 0, ScheduleBatch = 3;

    private const ulong ShortSliceNs = 100_000;

    private const int PunchHoleKeepSize = 3;

    [LibraryImport(Libc, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    /// <summary>The path as UTF-8 with a NUL at its end: allocates nothing.</summary>
    [LibraryImport(Libc, EntryPoint = "open", SetLastError = true)]
    public static partial int Open(ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport(Libc, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport(Libc, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int fd, uint mode);

    [LibraryImport(Libc, EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeMode(string path, uint mode);

    [LibraryImport(Libc, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int SetLength(int fd, long length);

    [LibraryImport(Libc, EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(int fd, int mode, long offset, long length);

    /// <summary>Returns the error instead of setting errno.</summary>
    [LibraryImport(Libc, EntryPoint = "posix_fallocate")]
    private static partial int ReserveOnce(int fd, long offset, long length);

    [LibraryImport(Libc, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport(Libc, EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport(Libc, EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int fd, int operation);

    [LibraryImport(Libc, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Libc, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport(Libc, EntryPoint = "mprotect")]
    public static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport(Libc, EntryPoint = "sigaction")]
    public static partial int Action(int signal, CutGuard.SignalAction* action, CutGuard.SignalAction* before);

    [LibraryImport(Libc, EntryPoint = "pread", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nuint length, long offset);

    /// <summary>The same without errno, for the hot path: a short count says enough.</summary>
    [LibraryImport(Libc, EntryPoint = "pread")]
    public static partial nint Fetch(int fd, void* buffer, nuint length, long offset);

    /// <summary>Into several buffers, each filled before the next one is begun (readv(2)).</summary>
    [LibraryImport(Libc, EntryPoint = "preadv")]
    public static partial nint Fetch(int fd, Buffer* buffers, int count, long offset);

    [LibraryImport(Libc, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nuint length, long offset);

    /// <summary>With <see cref="SeekEnd"/>: the file's size, the cheapest way to learn it. No transition: it never sleeps on tmpfs.</summary>
    [LibraryImport(Libc, EntryPoint = "lseek")]
    [SuppressGCTransition]
    public static partial long Seek(int fd, long offset, int whence);

    [LibraryImport(Libc, EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    [LibraryImport(Libc, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport(Libc, EntryPoint = "sem_open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OpenSemaphore(string name, int flags, uint mode, uint value);

    [LibraryImport(Libc, EntryPoint = "sem_close", SetLastError = true)]
    public static partial int CloseSemaphore(nint semaphore);

    [LibraryImport(Libc, EntryPoint = "sem_unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UnlinkSemaphore(string name);

    [LibraryImport(Libc, EntryPoint = "sem_getvalue")]
    [SuppressGCTransition]
    public static partial int SemaphoreValue(nint semaphore, out int value);

    [LibraryImport(Libc, EntryPoint = "sem_post")]
    [SuppressGCTransition]
    public static partial int PostSemaphore(nint semaphore);

    [LibraryImport(Libc, EntryPoint = "sem_trywait")]
    [SuppressGCTransition]
    public static partial int TryTakeSemaphore(nint semaphore);

    [LibraryImport(Libc, EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial nint FutexWakeCall(nint number, uint* address, int operation, int count, void* timeout, void* second, int third);

    [LibraryImport(Libc, EntryPoint = "syscall")]
    private static partial nint FutexWaitCall(nint number, uint* address, int operation, uint expected, Timespec* timeout, void* second, int third);

    [LibraryImport(Libc, EntryPoint = "syscall")]
    private static partial nint GetSchedule(nint number, int thread, Schedule* to, uint bytes, uint flags);

    [LibraryImport(Libc, EntryPoint = "syscall")]
    private static partial nint SetSchedule(nint number, int thread, Schedule* schedule, uint flags);

    [LibraryImport(Libc, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, StatxBuffer* buffer);

    /// <summary>Takes the memory for a range of a file now; the error, 0 = done.</summary>
    public static int Reserve(int fd, long offset, long length)
    {
        int error;
        do
        {
            error = ReserveOnce(fd, offset, length);
        }
        while (error == Eintr);
        return error;
    }

    /// <summary>Gives a range's memory back and keeps the file's length: the range reads as zeros.</summary>
    public static void PunchHole(int fd, long offset, long length) => _ = Allocate(fd, PunchHoleKeepSize, offset, length);

    /// <summary>
    /// Wakes every waiter, in whatever process. It costs about 0.3 us and does not sleep where the word's page is in memory, hence without a GC transition. False when the page is not
    /// there because the file shrank (<see cref="LastCallFoundNoPage"/>), or the kernel refused the call.
    /// </summary>
    public static bool FutexWake(uint* address) => FutexWakeCall(FutexCall, address, FutexWakeOperation, int.MaxValue, null, null, 0) >= 0;

    /// <summary>
    /// Sleeps while the word holds the expected value. 0 = woken; else errno: EAGAIN the word differs, ETIMEDOUT, EINTR, EFAULT the file shrank. A plain wake reaches
    /// every sleeper, <see cref="FutexWake(uint*, int)"/> those that sleep with one of its bits.
    /// </summary>
    public static int FutexWait(uint* address, uint expected, TimeSpan timeout, int bits = OwnThreadBit)
    {
        // The call takes the time at which it ends, on CLOCK_MONOTONIC, which Stopwatch counts in nanoseconds.
        var ns = System.Diagnostics.Stopwatch.GetTimestamp() + (Math.Max(0, timeout.Ticks) * 100);
        var until = new Timespec { Seconds = ns / 1_000_000_000, Nanoseconds = ns % 1_000_000_000 };
        return FutexWaitCall(FutexCall, address, FutexWaitBitsOperation, expected, &until, null, bits) == 0 ? 0 : Marshal.GetLastSystemError();
    }

    /// <summary>Did the futex call that failed last on this thread meet an address beyond the end of its file?</summary>
    public static bool LastCallFoundNoPage => Marshal.GetLastSystemError() == Efault;

    /// <summary>One of 31, so that waking one sleeper wakes hardly anybody else.</summary>
    public static int ChooseWakeBit() => 1 << Random.Shared.Next(31);

    /// <summary>Wakes those who sleep with one of these bits; an address that is no longer mapped wakes nobody.</summary>
    public static void FutexWake(uint* address, int bits) => _ = FutexWakeCall(FutexCall, address, FutexWakeBitsOperation, int.MaxValue, null, null, bits);

    /// <summary>
    /// Asks for short time slices for the calling thread, so that it may run as soon as it is woken, also on the core of whoever wakes it: at equal slices the kernel
    /// often lets it wait until that one sleeps. Linux 6.12 and later; others, and real-time threads, stay as they are. The share of the processor is the same.
    /// </summary>
    public static void AskForShortSlices()
    {
        Schedule schedule = default;
        if (GetSchedule(GetScheduleCall, 0, &schedule, (uint)sizeof(Schedule), 0) == 0 && schedule.Policy is ScheduleOther or ScheduleBatch
            && schedule.Runtime > ShortSliceNs)
        {
            schedule.Runtime = ShortSliceNs;
            _ = SetSchedule(SetScheduleCall, 0, &schedule, 0);
        }
    }

    /// <summary>What an open file is; false with errno set.</summary>
    public static bool TryStat(int fd, out FileFacts facts) => TryStat(fd, "", AtEmptyPath, out facts);

    /// <summary>What a path names, without following a link; false with errno set.</summary>
    public static bool TryStat(string path, out FileFacts facts) => TryStat(AtFdCwd, path, AtSymlinkNoFollow, out facts);

    /// <summary>What a path names, following links (the namespaces in /proc are links).</summary>
    public static bool TryStatTarget(string path, out FileFacts facts) => TryStat(AtFdCwd, path, 0, out facts);

    public static int LastError => Marshal.GetLastPInvokeError();

    public static string Describe(int error) => error switch
    {
        Eperm => "EPERM",
        Enoent => "ENOENT",
        Eisdir => "EISDIR",
        Eacces => "EACCES",
        Enospc => "ENOSPC",
        Erofs => "EROFS",
        Eloop => "ELOOP",
        Edquot => "EDQUOT",
        _ => $"errno {error}",
    } + $" ({Marshal.GetPInvokeErrorMessage(error)})";

    private static bool TryStat(int directory, string path, int flags, out FileFacts facts)
    {
        StatxBuffer buffer = default;
        if (Statx(directory, path, flags, StatxBasic, &buffer) != 0)
        {
            facts = default;
            return false;
        }

        facts = new FileFacts(buffer.Mode, buffer.Uid, buffer.Links, (long)buffer.Size, buffer.Inode, ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor);
        return true;
    }

    /// <summary>struct iovec.</summary>
    public readonly struct Buffer(byte* start, nuint bytes)
    {
        public readonly byte* Start = start;
        public readonly nuint Bytes = bytes;
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

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct statx: the one stat whose layout is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint Uid;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
