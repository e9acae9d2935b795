using System.Runtime.CompilerServices;

namespace Omnisight.Transport.Shm;

/// <summary>
/// The reading half of the ring protocol in map mode: frames are decoded where they lie and validated afterwards. Only Volatile reads and
/// barriers: the mapping is read-only, and an Interlocked operation on it would kill the process.
/// </summary>
internal sealed unsafe class MappedRing : IRing
{
    private readonly byte* _start;
    private readonly byte* _slots;
    private readonly CutGuard.Watch* _watch;
    private readonly nuint _stride;
    private readonly ulong _count;
    private readonly ulong _mask;
    private readonly uint _capacity;

    public MappedRing(byte* start, in RegionHeader header, CutGuard.Watch* watch)
    {
        _watch = watch;
        _start = start;
        _slots = start + header.HeaderBytes;
        _stride = (nuint)header.SlotStride;
        _count = (ulong)header.Slots;
        _mask = (_count & (_count - 1)) == 0 ? _count - 1 : 0;
        _capacity = (uint)header.PayloadCapacity;
    }

    public bool TryReadLatest(out ulong latest)
    {
        // Acquire; pairs with the release of latest in RingWriter.Commit: later, the slot's seq could be older than the number.
        latest = Volatile.Read(ref *(ulong*)(_start + RegionLayout.LatestAt));
        return latest != 0 || !IsCut;
    }

    public RingControl Control
    {
        get
        {
            // notify before latest: a waiter that sleeps on this notify must not have looked at latest earlier.
            var notify = Volatile.Read(ref *(uint*)(_start + RegionLayout.NotifyAt));
            return new RingControl(
                Volatile.Read(ref *(ulong*)(_start + RegionLayout.LatestAt)),
                notify,
                (RegionState)Volatile.Read(ref *(uint*)(_start + RegionLayout.StateAt)),
                Volatile.Read(ref *(long*)(_start + RegionLayout.HeartbeatAt)));
        }
    }

    public bool TryReadForWait(out RingControl control)
    {
        control = Control;
        return control.Latest != 0 || !IsCut;
    }

    /// <summary>All of a mapping that was cut is zeros: no frame is in its slot any more, and the latest is none.</summary>
    private bool IsCut => _watch != null && Volatile.Read(ref _watch->Cut) != 0;

    public bool TryLook(ulong sequence, out RingFrame frame) => TryLook(sequence, out frame, out _);

    public TakeResult Take(ulong sequence, IPayloadDecoder decoder, out RingFrame frame)
    {
        if (!TryLook(sequence, out frame, out var payload))
        {
            return TakeResult.Torn;
        }

        if (payload == null)
        {
            return IsStill(sequence) ? TakeResult.Rejected : TakeResult.Torn;
        }

        frame.Rejection = decoder.Decode(new ReadOnlySpan<byte>(payload, frame.PayloadBytes));
        return !IsStill(sequence) ? TakeResult.Torn : frame.Rejection.IsNone ? TakeResult.Taken : TakeResult.Rejected;
    }

    /// <summary>Finds a frame without taking it; false when its slot holds another. A null payload = its length can't be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLook(ulong sequence, out RingFrame frame, out byte* payload)
    {
        var slot = Slot(sequence);
        frame = default;

        // Acquire; pairs with the release of seq in RingWriter.Commit: later, the payload could be older than its number.
        frame.SlotSequence = Volatile.Read(ref *(ulong*)(slot + RegionLayout.SlotSequenceAt));
        payload = slot + RegionLayout.SlotHeaderBytes;
        frame.PublishedMonoNs = *(long*)(slot + RegionLayout.SlotPublishMonoNsAt);
        if (frame.SlotSequence != unchecked(2 * sequence) || frame.IsNeverWritten)
        {
            return false;
        }

        var bytes = *(uint*)(slot + RegionLayout.SlotPayloadBytesAt);
        frame.PayloadBytes = (int)bytes;
        if (bytes > _capacity)
        {
            frame.Rejection = new(RejectReason.BadLayout, bytes, _capacity);
            payload = null;
        }

        return true;
    }

    /// <summary>Finds the newest frame if it comes after that one and is whole. All zeros may pass for one, but have no time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLookAfter(ulong last, out ulong sequence, out byte* payload, out int bytes, out long publishedMonoNs)
    {
        // Acquire, as in TryReadLatest and TryLook.
        sequence = Volatile.Read(ref *(ulong*)(_start + RegionLayout.LatestAt));
        var slot = Slot(sequence);
        var found = Volatile.Read(ref *(ulong*)(slot + RegionLayout.SlotSequenceAt));
        payload = slot + RegionLayout.SlotHeaderBytes;
        bytes = *(int*)(slot + RegionLayout.SlotPayloadBytesAt);
        publishedMonoNs = *(long*)(slot + RegionLayout.SlotPublishMonoNsAt);
        return sequence > last && found == unchecked(2 * sequence) && (uint)bytes <= _capacity && IsStill(slot, sequence);
    }

    /// <summary>True when all that was read from the frame's slot so far was its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsStill(ulong sequence) => IsStill(Slot(sequence), sequence);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsStill(byte* slot, ulong sequence)
    {
        // Pairs with the writer's barrier after the odd seq: without it this look could come before the last payload loads,
        // and a payload overwritten in between would pass.
        Volatile.ReadBarrier();
        return Volatile.Read(ref *(ulong*)(slot + RegionLayout.SlotSequenceAt)) == unchecked(2 * sequence);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Slot(ulong sequence) => _slots + ((nuint)(_mask != 0 ? (sequence - 1) & _mask : (sequence - 1) % _count) * _stride);
}
