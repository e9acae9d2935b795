using System.Globalization;

namespace Omnisight.Kernel.Core;

/// <summary>Which process this is, so that a document it left behind is never taken for a living one.</summary>
internal sealed record ProcessIdentity(int Pid, long StartTicks, string BootId)
{
    public static ProcessIdentity Current { get; } = new(Environment.ProcessId, ReadStartTicks(), ReadBootId());

    /// <summary>Field 22 of /proc/self/stat; the name in field 2 may hold blanks, so count from its last ')'.</summary>
    private static long ReadStartTicks()
    {
        try
        {
            var stat = File.ReadAllText("/proc/self/stat");
            return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or FormatException or IndexOutOfRangeException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static string ReadBootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
