using System.Runtime.InteropServices;

namespace Omnisight.Messages;

/// <summary>One possible intervention of a timeline, as it lies in a frame: 200 bytes, little-endian (PROTOCOL 1.2).</summary>
[StructLayout(LayoutKind.Explicit, Size = 200)]
public struct InterventionPoint
{
    /// <summary>The <see cref="EventIndex"/> that means: no particular event.</summary>
    public const uint NoEvent = 0xFFFFFFFF;

    /// <summary>When it would have to be done: Unix epoch milliseconds.</summary>
    [FieldOffset(0)]
    public ulong TimestampMs;

    /// <summary>What to do.</summary>
    [FieldOffset(8)]
    public InterventionType Type;

    /// <summary>How much it would help, 0..1.</summary>
    [FieldOffset(12)]
    public float Effectiveness;

    /// <summary>What it would cost, 0..1.</summary>
    [FieldOffset(16)]
    public float Cost;

    /// <summary>Which of the timeline's events it would prevent, or <see cref="NoEvent"/>.</summary>
    [FieldOffset(20)]
    public uint EventIndex;

    /// <summary>In words.</summary>
    [FieldOffset(24)]
    public Text176 Recommendation;
}
