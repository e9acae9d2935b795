using System.Diagnostics;

namespace Omnisight.Sdk;

/// <summary>Memory and CPU of this process. Not thread-safe.</summary>
internal sealed class SystemUsage
{
    private TimeSpan _cpu = Environment.CpuUsage.TotalTime;
    private long _at = Stopwatch.GetTimestamp();
    private double _percent;

    public static double MemoryMb => Environment.WorkingSet / 1048576.0;

    /// <summary>Since the call before; of one core.</summary>
    public double CpuPercent()
    {
        var elapsed = Stopwatch.GetElapsedTime(_at);
        if (elapsed > TimeSpan.FromMilliseconds(100))
        {
            var cpu = Environment.CpuUsage.TotalTime;
            _percent = (cpu - _cpu) / elapsed * 100;
            _cpu = cpu;
            _at = Stopwatch.GetTimestamp();
        }

        return _percent;
    }
}
