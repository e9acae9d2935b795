using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>What perception measured.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct PerceptionStatistics
{
    /// <summary>1 = it runs.</summary>
    [FieldOffset(0)]
    public uint Enabled;

    /// <summary>Frames per second.</summary>
    [FieldOffset(4)]
    public float Fps;

    /// <summary>Milliseconds per frame.</summary>
    [FieldOffset(8)]
    public float AvgInferenceMs;

    /// <summary>Objects tracked now.</summary>
    [FieldOffset(12)]
    public uint ObjectsTracked;

    /// <summary>Frames dropped so far.</summary>
    [FieldOffset(16)]
    public ulong DroppedFrames;
}
