using System.Globalization;

namespace Omnisight.Transport.Files;

/// <summary>Which process, beyond doubt: a pid comes again, a pid with its start time does not within one boot and one pid namespace.</summary>
/// <param name="Pid">Its id; 0 = it did not say.</param>
/// <param name="StartTicks">Field 22 of /proc/PID/stat; 0 = it did not say.</param>
/// <param name="PidNamespace">The inode of its pid namespace; 0 = it did not say: then ours.</param>
internal readonly record struct ProcessIdentity(int Pid, ulong StartTicks, ulong PidNamespace = 0)
{
    private const int StateField = 3, StartTimeField = 22;

    /// <summary>This process.</summary>
    public static ProcessIdentity Self { get; } = new(Environment.ProcessId, ReadStartTicks(Environment.ProcessId) ?? 0, ReadNamespace());

    /// <summary>The id of this boot.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>False only when that very process is certainly gone: a pid of another namespace (a container) means nothing here.</summary>
    public bool MayBeAlive =>
        Pid > 0 && ((PidNamespace != 0 && PidNamespace != Self.PidNamespace) || (ReadStartTicks(Pid) is { } ticks && (StartTicks == 0 || StartTicks == ticks)));

    /// <summary>Field 22 of /proc/PID/stat; null when there is no such process, or it is a zombie, which has ended.</summary>
    public static ulong? ReadStartTicks(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            // The name (field 2) may hold spaces and brackets: count from its last bracket.
            var fields = stat.AsSpan(stat.LastIndexOf(')') + 2);
            var field = StateField;
            foreach (var range in fields.Split(' '))
            {
                if (field == StateField && fields[range] is "Z" or "X")
                {
                    return null;
                }

                if (field++ == StartTimeField)
                {
                    return ulong.Parse(fields[range], CultureInfo.InvariantCulture);
                }
            }

            return null;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The number in <c>pid:[4026531836]</c>.</summary>
    private static ulong ReadNamespace()
    {
        try
        {
            return new FileInfo("/proc/self/ns/pid").LinkTarget is { } link && ulong.TryParse(link.AsSpan(link.IndexOf('[') + 1).TrimEnd(']'), CultureInfo.InvariantCulture, out var inode) ? inode : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
