using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>A region on disk whose bytes the test changes behind its writer's back (docs/protocol/shm.md has the offsets).</summary>
internal sealed class RealRegion(string path) : IDisposable
{
    public const int Magic = 0, Major = 4, HeaderBytes = 16, SlotCount = 20, SlotStride = 24;
    private const int LatestAt = 128, SlotPayloadAt = 64, SlotPayloadBytesAt = 8;

    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    public uint Read(long at)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        _ = RandomAccess.Read(_file, bytes, at);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public void Write(long at, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        RandomAccess.Write(_file, bytes, at);
    }

    /// <summary>Changes the newest frame's payload, and with <paramref name="seal"/> the checksum too, so that only the values are wrong.</summary>
    public void ChangePayload(Action<byte[]> change, bool seal)
    {
        var slot = NewestSlot;
        var payload = new byte[Read(slot + SlotPayloadBytesAt)];
        _ = RandomAccess.Read(_file, payload, slot + SlotPayloadAt);
        change(payload);
        if (seal)
        {
            // Version 2: the used elements, then the checksum, then zeros to 8.
            const int CountAt = 24, ElementsAt = 40, Element = 104;
            var end = ElementsAt + (BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(CountAt)) * Element);
            BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(end), Crc32(payload.AsSpan(0, end)));
        }

        RandomAccess.Write(_file, payload, slot + SlotPayloadAt);
    }

    public void Truncate() => RandomAccess.SetLength(_file, 0);

    public void Dispose() => _file.Dispose();

    private long NewestSlot => Read(HeaderBytes) + ((Read(LatestAt) - 1) % Read(SlotCount) * (long)Read(SlotStride));

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }
}
