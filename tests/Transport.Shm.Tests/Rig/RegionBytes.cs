using System.Buffers.Binary;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>Reads and overwrites a region's bytes from outside, as a mutator with write permission would.</summary>
internal static class RegionBytes
{
    public static byte[] Read(string path, long at, int length)
    {
        using var file = Open(path, FileAccess.Read);
        var bytes = new byte[length];
        RandomAccess.Read(file, bytes, at).ShouldBe(length);
        return bytes;
    }

    public static void Write(string path, long at, params byte[] bytes)
    {
        using var file = Open(path, FileAccess.ReadWrite);
        RandomAccess.Write(file, bytes, at);
    }

    public static void Write(string path, long at, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(path, at, bytes);
    }

    public static void Write(string path, long at, uint value) => Write(path, at, BitConverter.GetBytes(value));

    public static ulong U64(string path, long at) => BinaryPrimitives.ReadUInt64LittleEndian(Read(path, at, 8));

    public static uint U32(string path, long at) => BinaryPrimitives.ReadUInt32LittleEndian(Read(path, at, 4));

    /// <summary>Where the slot of frame n starts.</summary>
    public static long Slot(string path, ulong sequence) =>
        U32(path, RegionLayout.HeaderBytesAt) + ((long)((sequence - 1) % U32(path, RegionLayout.SlotCountAt)) * U32(path, RegionLayout.SlotStrideAt));

    /// <summary>Where the payload of frame n starts.</summary>
    public static long Payload(string path, ulong sequence) => Slot(path, sequence) + RegionLayout.SlotHeaderBytes;

    public static void Truncate(string path, long length)
    {
        using var file = Open(path, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, length);
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle Open(string path, FileAccess access) =>
        File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite);
}
