using System.Buffers.Binary;
using System.Text;

namespace Omnisight.Transport.Shm;

/// <summary>The fixed part of a region header: a private copy, checked once, so that nothing shared is trusted twice.</summary>
internal readonly record struct RegionHeader
{
    public required long RegionBytes { get; init; }

    public required int HeaderBytes { get; init; }

    public required int Slots { get; init; }

    public required uint SlotStride { get; init; }

    public required int PayloadCapacity { get; init; }

    public required string Channel { get; init; }

    public required ulong Epoch { get; init; }

    public required int WriterPid { get; init; }

    public required ulong WriterStartTicks { get; init; }

    public required ulong PidNamespace { get; init; }

    public required ulong CreatedMs { get; init; }

    public required uint PeriodMs { get; init; }

    public required uint Capacity { get; init; }

    public required string MessageId { get; init; }

    public required string RuntimeDirectory { get; init; }

    /// <summary>Where a slot starts.</summary>
    public long SlotAt(ulong sequence) => HeaderBytes + ((long)((sequence - 1) % (ulong)Slots) * SlotStride);

    /// <summary>Reads a header out of a private copy of the region's first bytes.</summary>
    public static Rejection TryParse(ReadOnlySpan<byte> bytes, long fileBytes, out RegionHeader header)
    {
        header = default;
        if (bytes.Length < RegionLayout.HeaderBytes || fileBytes < RegionLayout.HeaderBytes)
        {
            return new(RejectReason.Truncated, (ulong)Math.Min(bytes.Length, fileBytes), RegionLayout.HeaderBytes);
        }

        var magic = U32(bytes, RegionLayout.MagicAt);
        if (magic != RegionLayout.Magic)
        {
            return new(RejectReason.BadMagic, magic, RegionLayout.Magic);
        }

        var major = BinaryPrimitives.ReadUInt16LittleEndian(bytes[RegionLayout.MajorAt..]);
        if (major != RegionLayout.Major)
        {
            return new(RejectReason.VersionMismatch, major, RegionLayout.Major);
        }

        var rejection = CheckSizes(bytes, fileBytes);
        if (rejection.IsNone)
        {
            header = new RegionHeader
            {
                RegionBytes = (long)U64(bytes, RegionLayout.RegionBytesAt),
                HeaderBytes = (int)U32(bytes, RegionLayout.HeaderBytesAt),
                Slots = (int)U32(bytes, RegionLayout.SlotCountAt),
                SlotStride = U32(bytes, RegionLayout.SlotStrideAt),
                PayloadCapacity = (int)U32(bytes, RegionLayout.PayloadCapacityAt),
                Channel = Text(bytes, RegionLayout.ChannelAt, RegionLayout.ChannelBytes),
                Epoch = U64(bytes, RegionLayout.EpochAt),
                WriterPid = (int)U32(bytes, RegionLayout.WriterPidAt),
                WriterStartTicks = U64(bytes, RegionLayout.WriterStartTicksAt),
                PidNamespace = U64(bytes, RegionLayout.PidNamespaceAt),
                CreatedMs = U64(bytes, RegionLayout.CreatedMsAt),
                PeriodMs = U32(bytes, RegionLayout.PeriodMsAt),
                Capacity = U32(bytes, RegionLayout.CapacityAt),
                MessageId = Text(bytes, RegionLayout.MessageIdAt, RegionLayout.MessageIdBytes),
                RuntimeDirectory = Text(bytes, RegionLayout.RuntimeDirectoryAt, RegionLayout.RuntimeDirectoryBytes),
            };
        }

        return rejection;
    }

    /// <summary>Writes everything but the magic, which goes in last.</summary>
    public void WriteTo(Span<byte> bytes)
    {
        bytes[..RegionLayout.HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[RegionLayout.MajorAt..], RegionLayout.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[RegionLayout.MinorAt..], RegionLayout.Minor);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[RegionLayout.RegionBytesAt..], RegionBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[RegionLayout.HeaderBytesAt..], HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[RegionLayout.SlotCountAt..], Slots);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[RegionLayout.SlotStrideAt..], SlotStride);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[RegionLayout.PayloadCapacityAt..], PayloadCapacity);
        WriteText(bytes.Slice(RegionLayout.ChannelAt, RegionLayout.ChannelBytes), Channel);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[RegionLayout.EpochAt..], Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[RegionLayout.WriterPidAt..], WriterPid);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[RegionLayout.WriterStartTicksAt..], WriterStartTicks);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[RegionLayout.PidNamespaceAt..], PidNamespace);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[RegionLayout.CreatedMsAt..], CreatedMs);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[RegionLayout.PeriodMsAt..], PeriodMs);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[RegionLayout.CapacityAt..], Capacity);
        WriteText(bytes.Slice(RegionLayout.MessageIdAt, RegionLayout.MessageIdBytes), MessageId);
        WriteText(bytes.Slice(RegionLayout.RuntimeDirectoryAt, RegionLayout.RuntimeDirectoryBytes), RuntimeDirectory);
    }

    /// <summary>Does all that never changes while a region lives agree, the magic included?</summary>
    public static bool IsSameFixedPart(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        one[..RegionLayout.LatestAt].SequenceEqual(other[..RegionLayout.LatestAt])
        && one[RegionLayout.MessageIdAt..RegionLayout.HeaderBytes].SequenceEqual(other[RegionLayout.MessageIdAt..RegionLayout.HeaderBytes]);

    private static Rejection CheckSizes(ReadOnlySpan<byte> bytes, long fileBytes)
    {
        var region = U64(bytes, RegionLayout.RegionBytesAt);
        if (region != (ulong)fileBytes)
        {
            return new(RejectReason.BadLayout, region, (ulong)fileBytes);
        }

        ulong headerBytes = U32(bytes, RegionLayout.HeaderBytesAt);
        if (headerBytes is < RegionLayout.HeaderBytes or > RegionLayout.MaxHeaderBytes || headerBytes % RegionLayout.CacheLine != 0)
        {
            return new(RejectReason.BadLayout, headerBytes, RegionLayout.HeaderBytes);
        }

        ulong slots = U32(bytes, RegionLayout.SlotCountAt);
        if (slots is < RegionLayout.MinSlots or > RegionLayout.MaxSlots)
        {
            return new(RejectReason.BadLayout, slots, RegionLayout.MaxSlots);
        }

        ulong stride = U32(bytes, RegionLayout.SlotStrideAt);
        ulong capacity = U32(bytes, RegionLayout.PayloadCapacityAt);
        if (capacity > RegionLayout.MaxPayloadCapacity || stride % RegionLayout.CacheLine != 0 || stride < capacity + RegionLayout.SlotHeaderBytes)
        {
            return new(RejectReason.BadLayout, stride, capacity + RegionLayout.SlotHeaderBytes);
        }

        // 64 slots of 4 GiB and the header can't overflow 64 bits.
        var needed = headerBytes + (slots * stride);
        return needed > region ? new(RejectReason.BadLayout, needed, region) : Rejection.None;
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static string Text(ReadOnlySpan<byte> bytes, int at, int length)
    {
        var field = bytes.Slice(at, length);
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>NUL-terminated; what does not fit is left out whole (an empty runtime directory says "unknown", half a path would lie).</summary>
    private static void WriteText(Span<byte> field, string text)
    {
        if (Encoding.UTF8.GetByteCount(text) < field.Length)
        {
            Encoding.UTF8.GetBytes(text, field);
        }
    }
}
