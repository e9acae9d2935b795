using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Omnisight.Messages;

/// <summary>
/// The 64 bytes before an image's data (PROTOCOL 1.5), little-endian. For those who fill or read an image where it lies
/// (a loan, a lease); all others use <see cref="VideoCodec"/>.
/// </summary>
/// <example><code>
/// publisher.TryLoan(VideoHeader.Bytes + header.DataBytes, out var loan);
/// using (loan) { Render(loan.Payload[VideoHeader.Bytes..]); header.Write(loan.Payload); loan.Commit(VideoHeader.Bytes + header.DataBytes); }
/// </code></example>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public struct VideoHeader
{
    /// <summary>The header's size.</summary>
    public const int Bytes = 64;

    /// <summary>The one version there is.</summary>
    public const int CurrentVersion = 1;

    private const int ChecksumOffset = 48;

    /// <summary>0x4F4D4E49.</summary>
    [FieldOffset(0)]
    public uint Magic;

    /// <summary>1.</summary>
    [FieldOffset(4)]
    public uint Version;

    /// <summary>The image's number, from 1, of the life of its source.</summary>
    [FieldOffset(8)]
    public ulong FrameId;

    /// <summary>When it was taken: Unix epoch milliseconds.</summary>
    [FieldOffset(16)]
    public ulong TimestampMs;

    /// <summary>Pixels.</summary>
    [FieldOffset(24)]
    public uint Width;

    /// <summary>Pixels.</summary>
    [FieldOffset(28)]
    public uint Height;

    /// <summary>Bytes from one row to the next; 0 for <see cref="PixelFormat.Jpeg"/>.</summary>
    [FieldOffset(32)]
    public uint Stride;

    /// <summary>How to read the data.</summary>
    [FieldOffset(36)]
    public PixelFormat Format;

    /// <summary>Bytes of data behind the header.</summary>
    [FieldOffset(40)]
    public uint DataBytes;

    /// <summary>Whether there is a checksum.</summary>
    [FieldOffset(44)]
    public VideoFlags Flags;

    /// <summary>CRC-32 (IEEE) of the header's first 48 bytes and the data; 0 with <see cref="VideoFlags.NoChecksum"/>.</summary>
    [FieldOffset(ChecksumOffset)]
    public uint Checksum;

    /// <summary>The data an image of this header needs; 0 for <see cref="PixelFormat.Jpeg"/>, which says nothing about its size.</summary>
    public readonly long ExpectedDataBytes => Format switch
    {
        PixelFormat.Nv12 => (long)Stride * Height + ((long)Stride * ((Height + 1L) / 2)),
        PixelFormat.Jpeg => 0,
        _ => (long)Stride * Height,
    };

    /// <summary>Writes the header before the data that is already in <paramref name="payload"/>; sets magic, version and checksum.</summary>
    public void Write(Span<byte> payload)
    {
        Magic = FrameLayout.Magic;
        Version = CurrentVersion;
        Checksum = 0;
        payload[..Bytes].Clear();
        MemoryMarshal.Write(payload, in this);
        if ((Flags & VideoFlags.NoChecksum) == 0)
        {
            Checksum = Compute(payload, DataBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(payload[ChecksumOffset..], Checksum);
        }
    }

    /// <summary>Reads and checks a header. Safe on any bytes, which may even change meanwhile; the data is <c>payload.Slice(64, header.DataBytes)</c>.</summary>
    public static Rejection Read(ReadOnlySpan<byte> payload, out VideoHeader header)
    {
        header = default;
        if (payload.Length < Bytes)
        {
            return new(RejectReason.Truncated, (ulong)payload.Length, Bytes);
        }

        var found = MemoryMarshal.Read<VideoHeader>(payload);   // the only read of the header: from here on it is a copy
        if (found.Magic != FrameLayout.Magic)
        {
            return new(RejectReason.BadMagic, found.Magic, FrameLayout.Magic);
        }

        if (found.Version != CurrentVersion)
        {
            return new(RejectReason.VersionMismatch, found.Version, CurrentVersion);
        }

        if (found.DataBytes > payload.Length - Bytes)
        {
            return new(RejectReason.Truncated, (ulong)payload.Length, Bytes + (ulong)found.DataBytes);
        }

        if ((found.Flags & VideoFlags.NoChecksum) == 0 && Compute(payload, found.DataBytes) is var computed && computed != found.Checksum)
        {
            return new(RejectReason.Crc, found.Checksum, computed);
        }

        var rejection = found.CheckSizes();
        if (rejection.IsNone)
        {
            header = found;
        }

        return rejection;
    }

    /// <summary>A known format whose sizes agree with each other.</summary>
    internal readonly Rejection CheckSizes() =>
        Format is PixelFormat.None or > PixelFormat.Jpeg ? new(RejectReason.Value, (ulong)Format, (ulong)PixelFormat.Jpeg)
        : Format != PixelFormat.Jpeg && (Stride < RowBytes || Stride > DataBytes || Height > DataBytes || ExpectedDataBytes != DataBytes) ? new(RejectReason.BadLayout, DataBytes, (ulong)ExpectedDataBytes)
        : Rejection.None;

    private readonly long RowBytes => Format is PixelFormat.Bgr24 or PixelFormat.Rgb24 ? 3L * Width : Width;

    private static uint Compute(ReadOnlySpan<byte> payload, uint dataBytes)
    {
        var crc = _crc ??= new Crc32();
        crc.Reset();
        crc.Append(payload[..ChecksumOffset]);
        crc.Append(payload.Slice(Bytes, (int)dataBytes));
        return crc.GetCurrentHashAsUInt32();
    }

    /// <summary>One a thread: the checksum has a gap in its input, which only the object form can skip.</summary>
    [ThreadStatic]
    private static Crc32? _crc;
}
