namespace Omnisight.Transport.Shm;

/// <summary>The changing part of a region header.</summary>
internal readonly record struct RingControl(ulong Latest, uint Notify, RegionState State, long HeartbeatMonoNs);
