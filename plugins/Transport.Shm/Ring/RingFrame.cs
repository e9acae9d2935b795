namespace Omnisight.Transport.Shm;

/// <summary>What is known of a frame that was taken, or why it was not.</summary>
internal struct RingFrame
{
    public int PayloadBytes;
    public long PublishedMonoNs;
    public Rejection Rejection;

    /// <summary>The slot's seq, for the one who looks into a slot that never becomes readable.</summary>
    public ulong SlotSequence;

    /// <summary>All zeros would pass for frame 2^63, whose doubled number is 0 too; but a frame has a time.</summary>
    public readonly bool IsNeverWritten => SlotSequence == 0 && PublishedMonoNs == 0;
}
