using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Omnisight.Transport.Shm;

/// <summary>Who a process is beyond its pid, which the system reuses: pid, start time, pid namespace.</summary>
internal readonly record struct ProcessIdentity(int Pid, ulong StartTicks, ulong PidNamespace)
{
    private const int StatBytes = 1024;

    // In /proc/PID/stat, counted in what follows the program's name.
    private const int StateField = 1, ThreadsField = 18, StartTicksField = 20;

    private static StrongBox<ProcessIdentity>? _current;

    /// <summary>This process. A moment in which it has no descriptor to look with passes.</summary>
    public static ProcessIdentity Current => _current?.Value ?? Look();

    /// <summary>False only when the process is certainly dead: seen from the same pid namespace, and its pid free, reused, or a zombie's.</summary>
    public bool MayBeAlive => IsAlive() != false;

    /// <summary>True only when the process certainly lives.</summary>
    public bool IsCertainlyAlive => IsAlive() == true;

    /// <summary>Null when it can't be known from here: another pid namespace, or a /proc that hides other users' processes.</summary>
    private bool? IsAlive()
    {
        if (Pid <= 0 || StartTicks == 0 || PidNamespace == 0 || PidNamespace != Current.PidNamespace)
        {
            return null;
        }

        if (StartTicksOf(Pid) is { } ticks)
        {
            return ticks == StartTicks;
        }

        return Native.Kill(Pid, 0) != 0 && Native.LastError == Native.Esrch ? false : null;
    }

    private static ProcessIdentity Look()
    {
        var found = new ProcessIdentity(Environment.ProcessId, StartTicksOf(Environment.ProcessId) ?? 0, OwnNamespace());
        if (found.StartTicks != 0 && found.PidNamespace != 0)
        {
            _current = new(found);
        }

        return found;
    }

    private static ulong OwnNamespace() => Native.TryStatTarget("/proc/self/ns/pid", out var facts) ? facts.Inode : 0;

    /// <summary>Field 22 of /proc/PID/stat; 0 for a zombie (not one whose first thread alone has ended); null when it can't be read. Readers ask this ten times a second: it allocates nothing.</summary>
    private static unsafe ulong? StartTicksOf(int pid)
    {
        Span<byte> path = stackalloc byte[32];
        _ = Utf8.TryWrite(path, CultureInfo.InvariantCulture, $"/proc/{pid}/stat\0", out _);
        var fd = Native.Open(path, Native.ReadOnly | Native.CloseOnExec, 0);
        if (fd < 0)
        {
            return null;
        }

        var bytes = stackalloc byte[StatBytes];
        var length = Native.Read(fd, bytes, StatBytes, 0);
        _ = Native.Close(fd);
        var text = new ReadOnlySpan<byte>(bytes, (int)Math.Max(0, length));

        // The second field is the program's name in parentheses, which may hold anything.
        var rest = text[(text.LastIndexOf((byte)')') + 1)..];
        var field = 0;
        var hasEnded = false;
        foreach (var range in rest.Split((byte)' '))
        {
            hasEnded |= field == StateField && rest[range] is [(byte)'Z' or (byte)'X'];
            if (field == ThreadsField && hasEnded && rest[range] is [(byte)'0' or (byte)'1'])
            {
                return 0;
            }

            if (field++ == StartTicksField)
            {
                return ulong.TryParse(rest[range], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;
            }
        }

        return null;
    }
}
