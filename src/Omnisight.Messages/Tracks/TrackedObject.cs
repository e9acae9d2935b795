using System.Numerics;
using System.Runtime.InteropServices;

namespace Omnisight.Messages;

/// <summary>One track, as it lies in a frame: 160 bytes, little-endian (PROTOCOL 1.2).</summary>
[StructLayout(LayoutKind.Explicit, Size = 160)]
public struct TrackedObject
{
    /// <summary>The track's number, unique in the life of the tracker.</summary>
    [FieldOffset(0)]
    public uint TrackId;

    /// <summary>What it is.</summary>
    [FieldOffset(4)]
    public ObjectClass Class;

    /// <summary>Where it is in the image.</summary>
    [FieldOffset(8)]
    public Box Bbox;

    /// <summary>Where it will be one frame ahead.</summary>
    [FieldOffset(24)]
    public Box PredictedBbox;

    /// <summary>Image widths and image heights per second.</summary>
    [FieldOffset(40)]
    public Vector2 Velocity;

    /// <summary>0..1.</summary>
    [FieldOffset(48)]
    public float Confidence;

    /// <summary>Frames it was seen in.</summary>
    [FieldOffset(52)]
    public uint FrameCount;

    /// <summary>Frames since it was last seen.</summary>
    [FieldOffset(56)]
    public uint MissCount;

    /// <summary>What it was seen to do.</summary>
    [FieldOffset(60)]
    public Behaviors Behaviors;

    /// <summary>0..1.</summary>
    [FieldOffset(64)]
    public float ThreatScore;

    /// <summary>Zero.</summary>
    [FieldOffset(68)]
    public uint Reserved;

    /// <summary>Unix epoch milliseconds.</summary>
    [FieldOffset(72)]
    public ulong FirstSeenMs;

    /// <summary>Unix epoch milliseconds.</summary>
    [FieldOffset(80)]
    public ulong LastSeenMs;

    /// <summary>Where it stands on the ground, in metres; NaN = unknown (<see cref="UnknownWorld"/>).</summary>
    [FieldOffset(88)]
    public Vector2 World;

    /// <summary>What it looks like.</summary>
    [FieldOffset(96)]
    public Appearance Appearance;

    /// <summary>The value of <see cref="World"/> that says: not known. A new track's World is (0, 0), so set it.</summary>
    public static Vector2 UnknownWorld => new(float.NaN, float.NaN);
}
