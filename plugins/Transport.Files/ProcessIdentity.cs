using System.Globalization;

namespace Omnisight.Transport.Files;

/// <summary>Which process, beyond doubt: a pid comes again, a pid with its start time does not within one boot.</summary>
internal readonly record struct ProcessIdentity(int Pid, ulong StartTicks)
{
    private const int StartTimeField = 22;

    /// <summary>This process.</summary>
    public static ProcessIdentity Self { get; } = new(Environment.ProcessId, ReadStartTicks(Environment.ProcessId) ?? 0);

    /// <summary>The id of this boot.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>True while that very process runs (seen from this pid namespace).</summary>
    public bool IsAlive => Pid > 0 && ReadStartTicks(Pid) == StartTicks;

    /// <summary>Field 22 of /proc/PID/stat; null when there is no such process.</summary>
    public static ulong? ReadStartTicks(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            // The name (field 2) may hold spaces and brackets: count from its last bracket.
            var fields = stat.AsSpan(stat.LastIndexOf(')') + 2);
            var field = 3;
            foreach (var range in fields.Split(' '))
            {
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
}
