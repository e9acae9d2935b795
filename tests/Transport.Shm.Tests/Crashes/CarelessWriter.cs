using System.IO.MemoryMappedFiles;
using Omnisight.PeerProcess;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>A broken variant: overwrites the slot that readers are sent to, under its even number.</summary>
internal static unsafe class CarelessWriter
{
    public static void Write(string path, int maxBytes, CancellationToken stop)
    {
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using var view = file.CreateViewAccessor();
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        var slots = *(uint*)(start + RegionLayout.SlotCountAt);
        var stride = *(uint*)(start + RegionLayout.SlotStrideAt);
        for (var n = 2ul; !stop.IsCancellationRequested; n++)
        {
            var slot = start + RegionLayout.HeaderBytes + ((nuint)((n - 1) % slots) * stride);
            Volatile.Write(ref *(ulong*)slot, 2 * n);
            Volatile.Write(ref *(ulong*)(start + RegionLayout.LatestAt), n);
            var bytes = StressPayload.Fill(n, new Span<byte>(slot + RegionLayout.SlotHeaderBytes, maxBytes), maxBytes);
            *(uint*)(slot + RegionLayout.SlotPayloadBytesAt) = (uint)bytes;
        }

        view.SafeMemoryMappedViewHandle.ReleasePointer();
    }
}
