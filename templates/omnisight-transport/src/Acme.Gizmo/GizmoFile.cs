using System.Buffers.Binary;
using Omnisight;

namespace Acme.Gizmo;

/// <summary>
/// The file: epoch u64 | sequence u64 | publish time (CLOCK_MONOTONIC ns) i64 | payload. Little-endian.
/// </summary>
internal static class GizmoFile
{
    public const int HeaderBytes = 24;

    public static void WriteHeader(Span<byte> file, ulong epoch, ulong sequence, long monoNs)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(file, epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(file[8..], sequence);
        BinaryPrimitives.WriteInt64LittleEndian(file[16..], monoNs);
    }

    public static SampleInfo ReadHeader(ReadOnlySpan<byte> file) => new()
    {
        Epoch = BinaryPrimitives.ReadUInt64LittleEndian(file),
        Sequence = BinaryPrimitives.ReadUInt64LittleEndian(file[8..]),
        PublishedMonoNs = BinaryPrimitives.ReadInt64LittleEndian(file[16..]),
    };
}
