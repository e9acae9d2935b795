using System.Buffers.Binary;
using Omnisight;

namespace Acme.UnixSocket;

/// <summary>
/// One packet: 0 kind u8 | 1..7 zero | 8 epoch u64 | 16 sequence u64 | 24 publish time i64 (CLOCK_MONOTONIC ns) | 32 content. Little-endian.
/// </summary>
internal static class Packet
{
    public const int HeaderBytes = 32;

    /// <summary>A new connection's first packet; content = the message id, UTF-8.</summary>
    public const byte Hello = 1;

    /// <summary>Content = the payload.</summary>
    public const byte Value = 2;

    /// <summary>The publisher closes; no content.</summary>
    public const byte Goodbye = 3;

    public static int Write(Span<byte> packet, byte kind, ulong epoch, ulong sequence, long monoNs, ReadOnlySpan<byte> content)
    {
        packet[..8].Clear();
        packet[0] = kind;
        BinaryPrimitives.WriteUInt64LittleEndian(packet[8..], epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(packet[16..], sequence);
        BinaryPrimitives.WriteInt64LittleEndian(packet[24..], monoNs);
        content.CopyTo(packet[HeaderBytes..]);
        return HeaderBytes + content.Length;
    }

    public static SampleInfo ReadInfo(ReadOnlySpan<byte> packet) => new()
    {
        Epoch = BinaryPrimitives.ReadUInt64LittleEndian(packet[8..]),
        Sequence = BinaryPrimitives.ReadUInt64LittleEndian(packet[16..]),
        PublishedMonoNs = BinaryPrimitives.ReadInt64LittleEndian(packet[24..]),
    };
}
