using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Omnisight.Transport.Shm;

/// <summary>
/// The reading half in safe mode: every byte is fetched by pread into private memory, so a file that shrinks costs a read and not the process.
/// The same order as <see cref="MappedRing"/>: latest, slot, barrier, seq again. A system call reads whole ranges in no promised order, so what must be
/// read before something else comes with an earlier call.
/// </summary>
internal sealed unsafe class PreadRing : IRing
{
    private const int FirstBytes = 8192;

    /// <summary>What may lie between a frame's end and the next slot for one call to fetch both: more costs as much as a second call.</summary>
    private const int MaxBetween = 16_384;

    /// <summary>The buffers of one call are filled one after the other, but only here does the machine keep loads in that order.</summary>
    private static readonly bool FetchesAhead = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private readonly int _fd;
    private readonly RegionHeader _header;
    private readonly long _lastSlotAt;
    private byte[] _slot;
    private byte* _slotAt;
    private readonly byte[] _control = GC.AllocateArray<byte>(RegionLayout.ControlBytes, pinned: true);
    private readonly byte* _controlAt;
    private uint _notify;
    private int _guess;
    private ulong _expected;
    private ulong _ahead;
    private bool _controlIsOld;

    /// <param name="fd">The region, open for reading.</param>
    /// <param name="header">Its layout.</param>
    /// <param name="buffer">Pinned memory from an earlier ring, used again.</param>
    public PreadRing(int fd, in RegionHeader header, byte[]? buffer)
    {
        _fd = fd;
        _header = header;
        _lastSlotAt = header.SlotAt((ulong)header.Slots);
        _slot = buffer ?? [];
        _slotAt = Address(_slot);
        _controlAt = Address(_control);
    }

    public byte[] Buffer => _slot;

    /// <summary>The payload of the last frame taken.</summary>
    public ReadOnlySpan<byte> Payload(int bytes) => _slot.AsSpan(RegionLayout.SlotHeaderBytes, bytes);

    public bool TryReadLatest(out ulong latest)
    {
        _ahead = 0;
        latest = _expected;
        if (latest != 0 && FetchAhead(latest))
        {
            _controlIsOld = true;
            return true;
        }

        return TryFetchControl(out latest);
    }

    public RingControl Control => new(
        BinaryPrimitives.ReadUInt64LittleEndian(_control),
        _notify,
        (RegionState)BinaryPrimitives.ReadUInt32LittleEndian(_control.AsSpan(RegionLayout.StateAt - RegionLayout.LatestAt)),
        BinaryPrimitives.ReadInt64LittleEndian(_control.AsSpan(RegionLayout.HeartbeatAt - RegionLayout.LatestAt)));

    public bool TryLook(ulong sequence, out RingFrame frame)
    {
        frame = default;
        var slot = stackalloc byte[RegionLayout.SlotHeaderBytes];
        var header = new ReadOnlySpan<byte>(slot, RegionLayout.SlotHeaderBytes);
        if (sequence == 0 || !Fetch(slot, RegionLayout.SlotHeaderBytes, _header.SlotAt(sequence)) || !IsIn(header, sequence, out frame))
        {
            return false;
        }

        frame.PayloadBytes = BytesIn(header) is var bytes && bytes <= (uint)_header.PayloadCapacity ? (int)bytes : 0;
        return true;
    }

    public bool TryReadForWait(out RingControl control)
    {
        // The word to sleep on is the one of the call before: notify must be read before latest, and one call promises no order.
        if (_controlIsOld)
        {
            _ = TryFetchControl(out _);
        }

        _notify = BinaryPrimitives.ReadUInt32LittleEndian(_control.AsSpan(RegionLayout.NotifyAt - RegionLayout.LatestAt));
        var whole = TryFetchControl(out _);
        control = Control;
        return whole;
    }

    public TakeResult Take(ulong sequence, IPayloadDecoder decoder, out RingFrame frame)
    {
        frame = default;
        if (_ahead != sequence)
        {
            var at = _header.SlotAt(sequence);
            MakeRoom(_guess, kept: 0);

            // Slot header and payload in one call: latest = n was read before, and it was stored after seq = 2n, so the seq that counts is the one
            // that is read again afterwards. Frames of a channel are mostly of one size: ask for as much as the last one had.
            if (!Fetch(_slotAt, RegionLayout.SlotHeaderBytes + _guess, at))
            {
                return TakeResult.Truncated;
            }

            if (!IsIn(_slot, sequence, out frame))
            {
                return TakeResult.Torn;
            }

            if (SlotBytes is var more && more <= (uint)_header.PayloadCapacity && more > _guess)
            {
                MakeRoom((int)more, kept: _guess);
                if (!Fetch(_slotAt + RegionLayout.SlotHeaderBytes + _guess, (int)more - _guess, at + RegionLayout.SlotHeaderBytes + _guess))
                {
                    return TakeResult.Truncated;
                }
            }

            // Pairs with the writer's barrier after the odd seq, as in MappedRing.IsStill.
            Volatile.ReadBarrier();
            ulong again;
            if (!Fetch((byte*)&again, sizeof(ulong), at))
            {
                return TakeResult.Truncated;
            }

            if (again != unchecked(2 * sequence))
            {
                return TakeResult.Torn;
            }
        }
        else if (!IsIn(_slot, sequence, out frame))
        {
            return TakeResult.Torn;
        }

        _expected = FetchesAhead ? sequence + 1 : 0;
        var bytes = SlotBytes;
        if (bytes > (uint)_header.PayloadCapacity)
        {
            frame.Rejection = new(RejectReason.BadLayout, bytes, (ulong)_header.PayloadCapacity);
            return TakeResult.Rejected;
        }

        frame.PayloadBytes = (int)bytes;
        _guess = (int)bytes;
        frame.Rejection = decoder.Decode(Payload((int)bytes));
        return frame.Rejection.IsNone ? TakeResult.Taken : TakeResult.Rejected;
    }

    /// <summary>
    /// A reader that keeps up mostly finds the frame after its last one, so that is fetched before latest. Its even seq was read before the rest of it (preadv fills the
    /// buffers in their order), so the frame was whole then. That it still was at the end takes one more look: at the next slot's seq in the same call, where there is
    /// one, or at latest in a second call. This slot is opened again only after the next one has been closed for the next frame, and latest has gone on.
    /// </summary>
    /// <returns>True when the frame is whole and no later one is; else <see cref="_ahead"/> has its number if it was there, and latest decides.</returns>
    private bool FetchAhead(ulong sequence)
    {
        // One attempt: a reader that polls an idle channel must not pay for it each time.
        _expected = 0;
        var at = _header.SlotAt(sequence);
        var between = _header.SlotStride - RegionLayout.SlotHeaderBytes - _guess;
        var hasNext = between <= MaxBetween && at != _lastSlotAt;
        MakeRoom(_guess + (hasNext ? (int)between : 0), kept: 0);
        ulong next;
        var buffers = stackalloc Native.Buffer[]
        {
            new(_slotAt, sizeof(ulong)),
            new(_slotAt + sizeof(ulong), (nuint)(RegionLayout.SlotHeaderBytes - sizeof(ulong) + _guess + (hasNext ? between : 0))),
            new((byte*)&next, sizeof(ulong)),
        };
        var wanted = RegionLayout.SlotHeaderBytes + _guess + (hasNext ? between + sizeof(ulong) : 0);
        if (Native.Fetch(_fd, buffers, hasNext ? 3 : 2, at) != wanted || !IsIn(_slot, sequence, out _) || SlotBytes > _guess)
        {
            return false;
        }

        _ahead = sequence;

        // The next slot holds the frame that was there before, or the next one while it is written. Closed for it, nothing (yet, or any more), or anything else, and latest decides.
        var closed = unchecked(2 * (sequence + 1));
        return hasNext && next != closed && (next == unchecked(closed - 1) || next == unchecked(closed - (2 * (ulong)_header.Slots)));
    }

    /// <summary>Does a slot's header that was fetched say that it holds this frame?</summary>
    private static bool IsIn(ReadOnlySpan<byte> slot, ulong sequence, out RingFrame frame)
    {
        frame = default;
        frame.SlotSequence = BinaryPrimitives.ReadUInt64LittleEndian(slot);
        frame.PublishedMonoNs = BinaryPrimitives.ReadInt64LittleEndian(slot[RegionLayout.SlotPublishMonoNsAt..]);
        return frame.SlotSequence == unchecked(2 * sequence) && !frame.IsNeverWritten;
    }

    private uint SlotBytes => BytesIn(_slot);

    private static uint BytesIn(ReadOnlySpan<byte> slot) => BinaryPrimitives.ReadUInt32LittleEndian(slot[RegionLayout.SlotPayloadBytesAt..]);

    private bool TryFetchControl(out ulong latest)
    {
        // What was fetched before must have been read before.
        Volatile.ReadBarrier();
        var whole = Native.Fetch(_fd, _controlAt, RegionLayout.ControlBytes, RegionLayout.LatestAt) == RegionLayout.ControlBytes;
        Volatile.ReadBarrier();
        _controlIsOld = false;
        latest = BinaryPrimitives.ReadUInt64LittleEndian(_control);
        return whole;
    }

    /// <summary>Memory follows the frames and not what a header announces: a file may be sparse, and a waiter takes no frame at all.</summary>
    private void MakeRoom(int bytes, int kept)
    {
        var needed = RegionLayout.SlotHeaderBytes + bytes;
        if (_slot.Length >= needed)
        {
            return;
        }

        var most = Math.Max(needed, RegionLayout.SlotHeaderBytes + _header.PayloadCapacity);
        var larger = (int)Math.Clamp(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed), Math.Min(FirstBytes, most), most);
        var slot = GC.AllocateUninitializedArray<byte>(larger, pinned: true);
        _slot.AsSpan(0, Math.Min(_slot.Length, RegionLayout.SlotHeaderBytes + kept)).CopyTo(slot);
        _slot = slot;
        _slotAt = Address(slot);
    }

    private static byte* Address(byte[] pinned) => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    private bool Fetch(byte* to, int bytes, long at) => Native.Fetch(_fd, to, (nuint)bytes, at) == bytes;
}
