using System.ComponentModel.DataAnnotations;

namespace Acme.Lidar;

/// <summary>The section "Acme.Lidar" of the configuration.</summary>
public sealed class LidarOptions
{
    [Range(0.1, 100.0)]
    public double Rate { get; set; } = 10;

    [Range(8, LidarScan.MaxBeams)]
    public int Beams { get; set; } = 360;
}
