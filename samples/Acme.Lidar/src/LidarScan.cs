namespace Acme.Lidar;

/// <summary>One turn of the lidar. Reused: codecs decode into it.</summary>
public sealed class LidarScan
{
    public const int MaxBeams = 1024;

    private readonly float[] _distances = new float[MaxBeams];

    public ulong TimestampMs { get; set; }

    /// <summary>How many beams the scan has, evenly spread over a turn.</summary>
    public int Beams { get; set; }

    /// <summary>Metres, by beam.</summary>
    public Span<float> Distances => _distances.AsSpan(0, Beams);
}
