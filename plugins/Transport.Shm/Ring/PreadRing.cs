using System.Buffers.Binary;

namespace Omnisight.Transport.Shm;

/// <summary>
/// The reading half in safe mode: every byte is fetched by pread into private memory, so a file that shrinks costs a read and not the process.
/// The same order as <see cref="MappedRing"/>: latest, slot, barrier, seq again. A system call reads whole ranges in no promised order, so what must be
/// read before something else comes with an earlier call.
/// </summary>
internal sealed unsafe class PreadRing : IRing
{
    private const int FirstBytes = 8192;

    private readonly int _fd;
    private readonly RegionHeader _header;
    private byte[] _slot;
    private byte* _slotAt;
    private readonly byte[] _control = GC.AllocateArray<byte>(RegionLayout.ControlBytes, pinned: true);
    private readonly byte* _controlAt;
    private uint _notify;
    private int _guess;

    /// <param name="fd">The region, open for reading.</param>
    /// <param name="header">Its layout.</param>
    /// <param name="buffer">Pinned memory from an earlier ring, used again.</param>
    public PreadRing(int fd, in RegionHeader header, byte[]? buffer)
    {
        _fd = fd;
        _header = header;
        _slot = buffer ?? [];
        _slotAt = Address(_slot);
        _controlAt = Address(_control);
    }

    public byte[] Buffer => _slot;

    /// <summary>The payload of the last frame taken.</summary>
    public ReadOnlySpan<byte> Payload(int bytes) => _slot.AsSpan(RegionLayout.SlotHeaderBytes, bytes);

    public bool TryReadLatest(out ulong latest)
    {
        // The word that a waiter may sleep on is the one of the call before: notify must be read before latest.
        _notify = BinaryPrimitives.ReadUInt32LittleEndian(_control.AsSpan(RegionLayout.NotifyAt - RegionLayout.LatestAt));
        var whole = Native.Fetch(_fd, _controlAt, RegionLayout.ControlBytes, RegionLayout.LatestAt) == RegionLayout.ControlBytes;
        Volatile.ReadBarrier();
        latest = BinaryPrimitives.ReadUInt64LittleEndian(_control);
        return whole;
    }

    public bool TryReadControl(out RingControl control)
    {
        control = new RingControl(
            BinaryPrimitives.ReadUInt64LittleEndian(_control),
            _notify,
            (RegionState)BinaryPrimitives.ReadUInt32LittleEndian(_control.AsSpan(RegionLayout.StateAt - RegionLayout.LatestAt)),
            BinaryPrimitives.ReadInt64LittleEndian(_control.AsSpan(RegionLayout.HeartbeatAt - RegionLayout.LatestAt)));
        return true;
    }

    public TakeResult Take(ulong sequence, IPayloadDecoder decoder, out RingFrame frame)
    {
        frame = default;
        var at = _header.SlotAt(sequence);
        MakeRoom(_guess, kept: 0);

        // Slot header and payload in one call: latest = n was read before, and it was stored after seq = 2n, so the seq that counts is the one
        // that is read again afterwards. Frames of a channel are mostly of one size: ask for as much as the last one had.
        if (!Fetch(_slotAt, RegionLayout.SlotHeaderBytes + _guess, at))
        {
            return TakeResult.Truncated;
        }

        frame.SlotSequence = BinaryPrimitives.ReadUInt64LittleEndian(_slot);
        frame.PublishedMonoNs = BinaryPrimitives.ReadInt64LittleEndian(_slot.AsSpan(RegionLayout.SlotPublishMonoNsAt));
        if (frame.SlotSequence != unchecked(2 * sequence) || frame.IsNeverWritten)
        {
            return TakeResult.Torn;
        }

        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(_slot.AsSpan(RegionLayout.SlotPayloadBytesAt));
        var fits = bytes <= (uint)_header.PayloadCapacity;
        if (fits && bytes > _guess)
        {
            MakeRoom((int)bytes, kept: _guess);
            if (!Fetch(_slotAt + RegionLayout.SlotHeaderBytes + _guess, (int)bytes - _guess, at + RegionLayout.SlotHeaderBytes + _guess))
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

        if (!fits)
        {
            frame.Rejection = new(RejectReason.BadLayout, bytes, (ulong)_header.PayloadCapacity);
            return TakeResult.Rejected;
        }

        frame.PayloadBytes = (int)bytes;
        _guess = (int)bytes;
        frame.Rejection = decoder.Decode(Payload((int)bytes));
        return frame.Rejection.IsNone ? TakeResult.Taken : TakeResult.Rejected;
    }

    /// <summary>Memory follows the frames and not what a header announces: a file may be sparse, and a waiter takes no frame at all.</summary>
    private void MakeRoom(int bytes, int kept)
    {
        var needed = RegionLayout.SlotHeaderBytes + bytes;
        if (_slot.Length >= needed)
        {
            return;
        }

        var most = RegionLayout.SlotHeaderBytes + _header.PayloadCapacity;
        var larger = (int)Math.Clamp(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed), Math.Min(FirstBytes, most), most);
        var slot = GC.AllocateUninitializedArray<byte>(larger, pinned: true);
        _slot.AsSpan(0, Math.Min(_slot.Length, RegionLayout.SlotHeaderBytes + kept)).CopyTo(slot);
        _slot = slot;
        _slotAt = Address(slot);
    }

    private static byte* Address(byte[] pinned) => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(pinned));

    private bool Fetch(byte* to, int bytes, long at) => Native.Fetch(_fd, to, (nuint)bytes, at) == bytes;
}
