using System.Globalization;

namespace Omnisight.Kernel.Core;

/// <summary>Memory, CPU and temperature of this process and machine, as measured now. One thread reads.</summary>
internal sealed class SystemReadings
{
    private readonly TimeProvider _time;
    private readonly string? _sensor;
    private long _lastTimestamp;
    private TimeSpan _lastCpu;

    /// <param name="time">The clock.</param>
    /// <param name="sys">Where sysfs is; a test's own folder in tests.</param>
    public SystemReadings(TimeProvider time, string sys = "/sys")
    {
        _time = time;
        _sensor = FindSensor(sys);
        _lastTimestamp = time.GetTimestamp();
        _lastCpu = Environment.CpuUsage.TotalTime;
    }

    /// <summary>Resident memory in MB (2^20 bytes).</summary>
    public static double MemoryMb => Math.Round(Environment.WorkingSet / 1048576.0, 1);

    /// <summary>The highest sensor that the machine has, in degrees Celsius; null when it has none.</summary>
    public double? TemperatureC()
    {
        try
        {
            return _sensor is not null && double.TryParse(File.ReadAllText(_sensor), NumberStyles.Float, CultureInfo.InvariantCulture, out var milli) ? Math.Round(milli / 1000, 1) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>CPU time since the last call, in percent of one processor.</summary>
    public double CpuPercent()
    {
        var elapsed = _time.GetElapsedTime(_lastTimestamp);
        var cpu = Environment.CpuUsage.TotalTime;
        var percent = elapsed > TimeSpan.Zero ? (cpu - _lastCpu) / elapsed * 100 : 0;
        (_lastTimestamp, _lastCpu) = (_time.GetTimestamp(), cpu);
        return Math.Round(Math.Max(0, percent), 1);
    }

    private static string? FindSensor(string sys)
    {
        try
        {
            return Sensors(Path.Combine(sys, "class/thermal"), "temp").Concat(Sensors(Path.Combine(sys, "class/hwmon"), "temp1_input")).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Sensors(string folder, string file) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Select(d => Path.Combine(d, file)).Where(File.Exists) : [];
}
