using System.Diagnostics;

namespace Omnisight.Transport.Shm;

/// <summary>
/// Named places at which a test can kill or stop the process: <c>OMNISIGHT_FAULT=slot.odd:3:kill</c> acts the third time that
/// <c>Fault.Hit("slot.odd")</c> is reached; <see cref="Reached"/> lets one in the same process act there. Compiled out of Release.
/// </summary>
internal static class Fault
{
    private const int SigKill = 9, SigStop = 19, StopMilliseconds = 200;

    private static readonly string[] Plan = (Environment.GetEnvironmentVariable("OMNISIGHT_FAULT") ?? "").Split(':');

    private static readonly bool IsArmed = Plan[0].Length > 0;

    private static int _hits;

    /// <summary>What a test in this process does at every point that is reached.</summary>
    internal static Action<string>? Reached { get; set; }

    [Conditional("OMNISIGHT_FAULTS")]
    public static void Hit(string point)
    {
        Reached?.Invoke(point);
        if (IsArmed && Plan[0] == point && ++_hits == (Plan.Length > 1 ? int.Parse(Plan[1], System.Globalization.CultureInfo.InvariantCulture) : 1))
        {
            var stop = Plan.Length > 2 && Plan[2] == "stop";
            _ = Native.Kill(Environment.ProcessId, stop ? SigStop : SigKill);
            if (stop)
            {
                // SIGKILL ends this thread before it is back; a stop may begin with another thread, a little later.
                _ = SpinWait.SpinUntil(() => false, StopMilliseconds);
            }
        }
    }
}
