using System.IO.MemoryMappedFiles;
using Omnisight.PeerProcess;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>A broken variant: looks at seq before the payload and never again.</summary>
internal sealed unsafe class CarelessReader
{
    private readonly byte* _start;

    public CarelessReader(string path)
    {
        var file = MemoryMappedFile.CreateFromFile(
            File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>How many of many frames were torn.</summary>
    public int ReadMany()
    {
        var slots = *(uint*)(_start + RegionLayout.SlotCountAt);
        var stride = *(uint*)(_start + RegionLayout.SlotStrideAt);
        var copy = new byte[*(uint*)(_start + RegionLayout.PayloadCapacityAt)];
        var torn = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var n = Volatile.Read(ref *(ulong*)(_start + RegionLayout.LatestAt));
            var slot = _start + RegionLayout.HeaderBytes + ((nuint)((n - 1) % slots) * stride);
            if (Volatile.Read(ref *(ulong*)slot) != 2 * n)
            {
                continue;
            }

            var bytes = Math.Min((int)*(uint*)(slot + RegionLayout.SlotPayloadBytesAt), copy.Length);
            new ReadOnlySpan<byte>(slot + RegionLayout.SlotHeaderBytes, bytes).CopyTo(copy);
            torn += StressPayload.TryRead(copy.AsSpan(0, bytes), out var number) && number == n ? 0 : 1;
        }

        return torn;
    }
}
