namespace Omnisight.Transport.Shm;

/// <summary>What the writer says of itself in the region header.</summary>
internal enum RegionState : uint
{
    Initialising = 0,
    Live = 1,
    Closed = 2,
}
