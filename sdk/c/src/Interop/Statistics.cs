using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>What the program itself measured; the library adds memory, CPU and the channels' counters. Numbers that are none are written as null.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct Statistics
{
    /// <summary>Milliseconds since the program's start; 0 = since ipc_server_start().</summary>
    [FieldOffset(0)]
    public ulong UptimeMs;

    /// <summary>Perception.</summary>
    [FieldOffset(8)]
    public PerceptionStatistics Perception;

    /// <summary>Timelines.</summary>
    [FieldOffset(32)]
    public TimelineStatistics Timeline;

    /// <summary>Swarm.</summary>
    [FieldOffset(56)]
    public SwarmStatistics Swarm;
}
