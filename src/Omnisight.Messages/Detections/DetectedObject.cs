using System.Runtime.InteropServices;

namespace Omnisight.Messages;

/// <summary>One detection, as it lies in a frame: 104 bytes, little-endian (PROTOCOL 1.2).</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
public struct DetectedObject
{
    /// <summary>The detector's number of it, unique in its frame.</summary>
    [FieldOffset(0)]
    public uint Id;

    /// <summary>What it is.</summary>
    [FieldOffset(4)]
    public ObjectClass Class;

    /// <summary>The detector's score, 0..1 for most detectors.</summary>
    [FieldOffset(8)]
    public float Confidence;

    /// <summary>Where it is in the image.</summary>
    [FieldOffset(12)]
    public Box Bbox;

    /// <summary>Zero.</summary>
    [FieldOffset(28)]
    public uint Reserved;

    /// <summary>When it was seen: Unix epoch milliseconds.</summary>
    [FieldOffset(32)]
    public ulong TimestampMs;

    /// <summary>What it looks like.</summary>
    [FieldOffset(40)]
    public Appearance Appearance;
}
