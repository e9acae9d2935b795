using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>What the swarm measured.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct SwarmStatistics
{
    /// <summary>1 = it runs.</summary>
    [FieldOffset(0)]
    public uint Enabled;

    /// <summary>Neighbours heard of lately.</summary>
    [FieldOffset(4)]
    public uint NumNeighbors;

    /// <summary>0..1.</summary>
    [FieldOffset(8)]
    public float NetworkHealth;

    /// <summary>Zero.</summary>
    [FieldOffset(12)]
    public uint Reserved;

    /// <summary>Tracks shared so far.</summary>
    [FieldOffset(16)]
    public ulong TracksShared;

    /// <summary>Events shared so far.</summary>
    [FieldOffset(24)]
    public ulong EventsShared;
}
