using System.Globalization;

namespace Omnisight.Transport.Shm;

/// <summary>Who a process is beyond its pid, which the system reuses: pid, start time, pid namespace.</summary>
internal readonly record struct ProcessIdentity(int Pid, ulong StartTicks, ulong PidNamespace)
{
    public static ProcessIdentity Current { get; } = new(Environment.ProcessId, StartTicksOf(Environment.ProcessId) ?? 0, OwnNamespace());

    /// <summary>False only when the process is certainly dead: seen from the same pid namespace, and its pid free, reused, or a zombie's.</summary>
    public bool MayBeAlive =>
        Pid <= 0 || StartTicks == 0 || PidNamespace == 0 || PidNamespace != Current.PidNamespace || StartTicksOf(Pid) == StartTicks;

    private static ulong OwnNamespace() => Native.TryStatTarget("/proc/self/ns/pid", out var facts) ? facts.Inode : 0;

    /// <summary>Field 22 of /proc/PID/stat, null when there is no such living process.</summary>
    private static ulong? StartTicksOf(int pid)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // The second field is the program's name in parentheses, which may hold anything.
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && fields[0] is not ("Z" or "X") && ulong.TryParse(fields[19], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;
    }
}
