using System.Runtime.CompilerServices;

namespace Omnisight.Transport.Shm;

/// <summary>
/// The writing half of the ring protocol; with <see cref="MappedRing"/> the only place with ordered access to shared memory.
/// Frame n goes to slot (n-1) mod slots as: seq = 2n-1, payload, seq = 2n, latest = n, notify + 1, wake. seq derives from n and never from
/// what the slot holds: a slot that a dead writer left odd is as good as any other.
/// </summary>
internal sealed unsafe class RingWriter
{
    /// <summary>Above this, memcpy may use streaming stores, which a plain store barrier does not order.</summary>
    private const int StreamingStores = 64 * 1024;

    private readonly byte* _start;
    private readonly byte* _slots;
    private readonly uint _stride;
    private readonly uint _count;
    private ulong _latest;

    public RingWriter(byte* start, in RegionHeader header)
    {
        _start = start;
        _slots = start + header.HeaderBytes;
        _stride = header.SlotStride;
        _count = (uint)header.Slots;
        PayloadCapacity = header.PayloadCapacity;
    }

    public byte* Start => _start;

    /// <summary>The last wake found no page under its word: the file was cut, and nothing may be stored into it any more.</summary>
    public bool IsCut { get; private set; }

    public int PayloadCapacity { get; }

    /// <summary>Copies a payload in and makes it the newest frame.</summary>
    public void Publish(ulong sequence, ReadOnlySpan<byte> payload, long monoNs)
    {
        var room = Open(sequence, payload.Length);
        Copy(payload, room);
        _ = Commit(sequence, payload.Length, monoNs);
    }

    /// <summary>Marks the slot as being written and gives its room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Open(ulong sequence, int bytes)
    {
        var slot = Slot(sequence);
        Volatile.Write(ref U64(slot + RegionLayout.SlotSequenceAt), unchecked((2 * sequence) - 1));

        // Pairs with the read barrier before a reader's second look at seq: if the payload's stores could pass the odd value,
        // a reader would take half of the new payload under the old even seq.
        if (bytes >= StreamingStores)
        {
            Interlocked.MemoryBarrier();
        }
        else
        {
            Volatile.WriteBarrier();
        }

        Fault.Hit("slot.odd");
        return new Span<byte>(slot + RegionLayout.SlotHeaderBytes, bytes);
    }

    /// <summary>Makes an opened slot the newest frame and wakes those who wait; the frame's bytes, until its slot is opened again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Commit(ulong sequence, int bytes, long monoNs)
    {
        var slot = Slot(sequence);
        *(uint*)(slot + RegionLayout.SlotPayloadBytesAt) = (uint)bytes;
        *(long*)(slot + RegionLayout.SlotPublishMonoNsAt) = monoNs;
        if (bytes >= StreamingStores)
        {
            Interlocked.MemoryBarrier();
        }

        Fault.Hit("slot.before_even");

        // Release; pairs with the acquire of seq in the readers' Take: earlier, they see a stale payload under an even seq.
        Volatile.Write(ref U64(slot + RegionLayout.SlotSequenceAt), unchecked(2 * sequence));
        Fault.Hit("before_latest");

        // Release; pairs with the acquire of latest: earlier, readers are sent to a slot that is still odd.
        Volatile.Write(ref U64(_start + RegionLayout.LatestAt), sequence);
        _latest = sequence;
        Fault.Hit("before_wake");
        Wake();
        return new ReadOnlySpan<byte>(slot + RegionLayout.SlotHeaderBytes, bytes);
    }

    /// <summary>A frame's bytes, for the writer itself; false when its slot no longer says that it holds it.</summary>
    public bool TryFind(ulong sequence, int bytes, out ReadOnlySpan<byte> payload)
    {
        var slot = Slot(sequence);
        payload = new ReadOnlySpan<byte>(slot + RegionLayout.SlotHeaderBytes, bytes);
        return Volatile.Read(ref U64(slot + RegionLayout.SlotSequenceAt)) == unchecked(2 * sequence);
    }

    /// <summary>Says again what the header should say: whoever wrote into it misleads readers for one beat.</summary>
    public void Affirm()
    {
        if (Volatile.Read(ref U64(_start + RegionLayout.LatestAt)) != _latest)
        {
            Volatile.Write(ref U64(_start + RegionLayout.LatestAt), _latest);
        }

        if (Volatile.Read(ref U32(_start + RegionLayout.StateAt)) != (uint)RegionState.Live)
        {
            Volatile.Write(ref U32(_start + RegionLayout.StateAt), (uint)RegionState.Live);
        }
    }

    public void Beat(long monoNs) => Volatile.Write(ref *(long*)(_start + RegionLayout.HeartbeatAt), monoNs);

    /// <summary>State, then the magic as the last word: a header without it is not one.</summary>
    public void GoLive()
    {
        Volatile.Write(ref U32(_start + RegionLayout.StateAt), (uint)RegionState.Live);
        Volatile.Write(ref U32(_start + RegionLayout.MagicAt), RegionLayout.Magic);
    }

    public void Close()
    {
        Volatile.Write(ref U32(_start + RegionLayout.StateAt), (uint)RegionState.Closed);
        Wake();
    }

    /// <summary>
    /// The word changes before the wake and after all else: a reader that took the word, looked and found nothing is then either awake or
    /// refused by the kernel because the word differs.
    /// </summary>
    private void Wake()
    {
        ref var notify = ref U32(_start + RegionLayout.NotifyAt);
        Volatile.Write(ref notify, unchecked(notify + 1));
        IsCut = !Native.FutexWake((uint*)(_start + RegionLayout.NotifyAt));
    }

    private static void Copy(ReadOnlySpan<byte> payload, Span<byte> room)
    {
#if OMNISIGHT_FAULTS
        var half = payload.Length / 2;
        payload[..half].CopyTo(room);
        Fault.Hit("slot.half_copy");
        payload = payload[half..];
        room = room[half..];
#endif
        payload.CopyTo(room);
    }

    private byte* Slot(ulong sequence) => _slots + ((nuint)((sequence - 1) % _count) * _stride);

    private static ref ulong U64(byte* at) => ref *(ulong*)at;

    private static ref uint U32(byte* at) => ref *(uint*)at;
}
