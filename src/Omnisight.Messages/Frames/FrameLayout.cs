namespace Omnisight.Messages;

/// <summary>
/// Where the parts of a frame lie (PROTOCOL 1.3, 1.4). All offsets derive from that of the count:
/// <code>
///          magic u32 | version u32 | [frame_id u64] | timestamp_ms u64 | count u32 | image u32 | v2: truncated u32, reserved u32 | elements | crc u32 | 0..
/// offset   0           4             8                count - 8          count       count + 4   count + 8                         count + 8 (v1), + 16 (v2)
/// </code>
/// </summary>
/// <param name="CountOffset">Where the number of elements lies: 24 in a frame with a frame id, else 16.</param>
/// <param name="ElementBytes">The size of one element.</param>
/// <param name="FixedCapacity">How many elements a version 1 frame holds, used or not.</param>
internal sealed record FrameLayout(int CountOffset, int ElementBytes, int FixedCapacity)
{
    /// <summary>"OMNI".</summary>
    public const uint Magic = 0x4F4D4E49;

    public const int MinVersion = 1;
    public const int MaxVersion = 2;
    public const int VersionOffset = 4;
    public const int FrameIdOffset = 8;
    private const int ChecksumBytes = 4;
    private const int Alignment = 8;

    public bool HasFrameId => CountOffset > 16;

    public int TimestampOffset => CountOffset - 8;

    public int ImageOffset => CountOffset + 4;

    public int TruncatedOffset => CountOffset + 8;

    public int HeaderBytes(int version) => CountOffset + (version == 1 ? 8 : 16);

    /// <summary>Where the checksum lies: behind the last element that the frame carries.</summary>
    public long ChecksumOffset(int version, long count) => HeaderBytes(version) + ((version == 1 ? FixedCapacity : count) * ElementBytes);

    /// <summary>The whole frame, padded to 8 bytes.</summary>
    public long TotalBytes(int version, long count) => (ChecksumOffset(version, count) + ChecksumBytes + Alignment - 1) & -Alignment;

    /// <summary>The smallest frame that can be: a version 1 frame is always full size, a version 2 frame may be empty and unpadded.</summary>
    public int MinBytes => HeaderBytes(2) + ChecksumBytes;

    /// <summary>How many elements of a version 2 frame fit into so many bytes; negative when not even an empty one does.</summary>
    public int Fit(int bytes) => bytes < TotalBytes(2, 0) ? -1 : (((bytes & -Alignment) - HeaderBytes(2) - ChecksumBytes) / ElementBytes);
}
