namespace Acme.Gizmo;

/// <summary>One reading. A class that is reused: codecs decode into it.</summary>
public sealed class GizmoReading
{
    /// <summary>Unix epoch milliseconds.</summary>
    public ulong TimestampMs { get; set; }

    /// <summary>Degrees Celsius.</summary>
    public float Temperature { get; set; }

    /// <summary>Relative humidity, 0..1.</summary>
    public float Humidity { get; set; }
}
