namespace Omnisight.Transport.Shm;

/// <summary>What is known of a frame that was taken, or why it was not.</summary>
internal struct RingFrame
{
    public int PayloadBytes;
    public long PublishedMonoNs;
    public Rejection Rejection;

    /// <summary>The slot's seq, for the one who looks into a slot that never becomes readable.</summary>
    public ulong SlotSequence;
}
