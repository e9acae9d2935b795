using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>Where the value that was read last stands, and what was in its header.</summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal struct FrameInfo
{
    /// <summary>One life of the writer: random per start.</summary>
    [FieldOffset(0)]
    public ulong Epoch;

    /// <summary>The value's number in its epoch, from 1; 0 = nothing was read yet.</summary>
    [FieldOffset(8)]
    public ulong Sequence;

    /// <summary>When it was published: CLOCK_MONOTONIC nanoseconds.</summary>
    [FieldOffset(16)]
    public long PublishedMonoNs;

    /// <summary>How long ago that was, in nanoseconds.</summary>
    [FieldOffset(24)]
    public long AgeNs;

    /// <summary>Values published before it that this reader never saw.</summary>
    [FieldOffset(32)]
    public ulong Missed;

    /// <summary>The image's number; 0 where the frame has none.</summary>
    [FieldOffset(40)]
    public ulong FrameId;

    /// <summary>Unix epoch milliseconds, for display.</summary>
    [FieldOffset(48)]
    public ulong TimestampMs;

    /// <summary>The image's width in pixels.</summary>
    [FieldOffset(56)]
    public uint ImageWidth;

    /// <summary>The image's height in pixels.</summary>
    [FieldOffset(60)]
    public uint ImageHeight;

    /// <summary>The frame's version, 1 or 2; 0 where there is none.</summary>
    [FieldOffset(64)]
    public uint Version;

    /// <summary>Objects that did not fit into the frame; OMNISIGHT_UNKNOWN in version 1.</summary>
    [FieldOffset(68)]
    public uint Truncated;

    /// <summary>Objects dropped because of their values.</summary>
    [FieldOffset(72)]
    public uint Dropped;

    /// <summary>With OMNISIGHT_REJECTED: why, OMNISIGHT_REJECT_*.</summary>
    [FieldOffset(76)]
    public uint RejectReason;

    /// <summary>With OMNISIGHT_REJECTED: what was found.</summary>
    [FieldOffset(80)]
    public ulong RejectFound;

    /// <summary>With OMNISIGHT_REJECTED: what would have been accepted.</summary>
    [FieldOffset(88)]
    public ulong RejectExpected;

    /// <summary>Bytes of the payload of a lease or a raw read.</summary>
    [FieldOffset(96)]
    public ulong PayloadBytes;
}
