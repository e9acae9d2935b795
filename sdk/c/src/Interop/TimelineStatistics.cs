using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>What the predictor measured.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct TimelineStatistics
{
    /// <summary>1 = it runs.</summary>
    [FieldOffset(0)]
    public uint Enabled;

    /// <summary>Timelines predicted now.</summary>
    [FieldOffset(4)]
    public uint ActiveTimelines;

    /// <summary>Events predicted so far.</summary>
    [FieldOffset(8)]
    public ulong TotalEventsPredicted;

    /// <summary>Milliseconds per prediction.</summary>
    [FieldOffset(16)]
    public float AvgPredictionMs;

    /// <summary>Zero.</summary>
    [FieldOffset(20)]
    public uint Reserved;
}
