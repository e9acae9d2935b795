namespace Omnisight.Transport.Shm;

/// <summary>
/// The bytes of a region (docs/protocol/shm.md). All little-endian; offsets derive from one another.
/// <code>
/// region:  header (4,096 B) | slot 0 | slot 1 | ... | slot (slots - 1)
/// slot:    seq u64 | payload_bytes u32 | reserved u32 | publish_mono_ns u64 | reserved to 64 | payload (payload_capacity) | padding to 64
/// </code>
/// </summary>
internal static class RegionLayout
{
    /// <summary>'OMNR': not the frame's magic, so that nobody mistakes one for the other. Stored last.</summary>
    public const uint Magic = 0x4F4D4E52;

    public const ushort Major = 1;
    public const ushort Minor = 0;

    public const int MagicAt = 0;
    public const int MajorAt = MagicAt + sizeof(uint);
    public const int MinorAt = MajorAt + sizeof(ushort);
    public const int RegionBytesAt = MinorAt + sizeof(ushort);
    public const int HeaderBytesAt = RegionBytesAt + sizeof(ulong);
    public const int SlotCountAt = HeaderBytesAt + sizeof(uint);
    public const int SlotStrideAt = SlotCountAt + sizeof(uint);
    public const int PayloadCapacityAt = SlotStrideAt + sizeof(uint);
    public const int ChannelAt = PayloadCapacityAt + sizeof(uint);
    public const int ChannelBytes = 32;
    public const int EpochAt = ChannelAt + ChannelBytes;
    public const int WriterPidAt = EpochAt + sizeof(ulong);
    public const int WriterStartTicksAt = WriterPidAt + sizeof(uint) + sizeof(uint);
    public const int CreatedMsAt = WriterStartTicksAt + sizeof(ulong);
    public const int PeriodMsAt = CreatedMsAt + sizeof(ulong);
    public const int CapacityAt = PeriodMsAt + sizeof(uint);
    public const int PidNamespaceAt = CapacityAt + sizeof(uint);

    // What changes while the channel lives has cache lines of its own: a heartbeat must not disturb a reader that polls `latest`.
    public const int LatestAt = 128;
    public const int NotifyAt = LatestAt + CacheLine;
    public const int StateAt = NotifyAt + sizeof(uint);
    public const int HeartbeatAt = NotifyAt + CacheLine;
    public const int MessageIdAt = HeartbeatAt + 32;
    public const int MessageIdBytes = 64;
    public const int RuntimeDirectoryAt = 512;
    public const int RuntimeDirectoryBytes = 256;

    /// <summary>From <see cref="LatestAt"/> to the end of the heartbeat: what one pread fetches.</summary>
    public const int ControlBytes = HeartbeatAt + sizeof(ulong) - LatestAt;

    /// <summary>One page: a reader in safe mode maps only this, for the futex.</summary>
    public const int HeaderBytes = 4096;

    public const int SlotSequenceAt = 0;
    public const int SlotPayloadBytesAt = SlotSequenceAt + sizeof(ulong);
    public const int SlotPublishMonoNsAt = SlotPayloadBytesAt + sizeof(uint) + sizeof(uint);
    public const int SlotHeaderBytes = CacheLine;

    public const int MinSlots = 2;
    public const int MaxSlots = 64;
    public const int CacheLine = 64;

    // What no honest region exceeds: a header is a page or a few, and 256 MiB hold an uncompressed image of 16K.
    public const int MaxHeaderBytes = 1 << 20;
    public const int MaxPayloadCapacity = 1 << 28;

    /// <summary>What a slot takes: its header and the payload, in whole cache lines.</summary>
    public static long SlotStride(int payloadCapacity) =>
        (SlotHeaderBytes + (long)payloadCapacity + CacheLine - 1) / CacheLine * CacheLine;

    /// <summary>What a region takes.</summary>
    public static long RegionBytes(int slots, int payloadCapacity) => HeaderBytes + (slots * SlotStride(payloadCapacity));
}
