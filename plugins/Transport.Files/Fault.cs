using System.Diagnostics;
using System.Globalization;

namespace Omnisight.Transport.Files;

/// <summary>
/// Named places at which a test can kill or stop the process: <c>OMNISIGHT_FAULT=json.before_rename:3:kill</c> acts the third time that the
/// place is reached. Compiled out of Release.
/// </summary>
internal static class Fault
{
    private const int SigKill = 9, SigStop = 19;

    private static readonly string[] Plan = (Environment.GetEnvironmentVariable("OMNISIGHT_FAULT") ?? "").Split(':');

    private static int _hits;

    [Conditional("OMNISIGHT_FAULTS")]
    public static void Hit(string point)
    {
        if (Plan[0] == point && ++_hits == (Plan.Length > 1 ? int.Parse(Plan[1], CultureInfo.InvariantCulture) : 1))
        {
            _ = Native.Kill(Environment.ProcessId, Plan.Length > 2 && Plan[2] == "stop" ? SigStop : SigKill);
        }
    }
}
