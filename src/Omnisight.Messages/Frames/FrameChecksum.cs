using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Omnisight.Messages;

/// <summary>
/// The CRC-32 of frames: IEEE 802.3, the same number as <see cref="Crc32"/> and zlib's crc32. Where the processor multiplies polynomials 256 or 512 bits at a time,
/// sixteen lanes are folded at once (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009); elsewhere it is the library's.
/// </summary>
internal static class FrameChecksum
{
    private const int VectorBytes = 64, BlockBytes = 4 * VectorBytes, LaneBytes = 16;

    public static uint Of(ReadOnlySpan<byte> bytes) => OfCopy(bytes, 0, default);

    /// <summary>The checksum of bytes, of which those from an offset on are copied in the same pass, as many as the destination takes.</summary>
    public static uint OfCopy(ReadOnlySpan<byte> bytes, int from, Span<byte> destination)
    {
        var part = bytes.Slice(from, destination.Length);
        if (!Pclmulqdq.V256.IsSupported || bytes.Length < 2 * BlockBytes)
        {
            part.CopyTo(destination);
            return Crc32.HashToUInt32(bytes);
        }

        // Whole blocks are copied as they are folded; what is before and behind them, beside.
        var firstBlock = Math.Max(BlockBytes, (from + BlockBytes - 1) & -BlockBytes);
        var endOfBlocks = (from + destination.Length) & -BlockBytes;
        if (endOfBlocks > firstBlock)
        {
            part[..(firstBlock - from)].CopyTo(destination);
            part[(endOfBlocks - from)..].CopyTo(destination[(endOfBlocks - from)..]);
        }
        else
        {
            part.CopyTo(destination);
        }

        return Of(uint.MaxValue, bytes, firstBlock, endOfBlocks, from, destination);
    }

    /// <summary>Copies bytes behind the first ones of a frame and gives the checksum of both, in one pass over what is copied.</summary>
    public static uint OfFilled(Span<byte> frame, int from, ReadOnlySpan<byte> bytes)
    {
        var destination = frame.Slice(from, bytes.Length);
        if (!Pclmulqdq.V256.IsSupported || bytes.Length < 2 * BlockBytes)
        {
            bytes.CopyTo(destination);
            return Of(frame[..(from + bytes.Length)]);
        }

        var endOfBlocks = bytes.Length & -BlockBytes;
        bytes[..BlockBytes].CopyTo(destination);
        bytes[endOfBlocks..].CopyTo(destination[endOfBlocks..]);
        return Of(~Crc32.HashToUInt32(frame[..from]), bytes, BlockBytes, endOfBlocks, from: 0, destination);
    }

    // The state is the remainder of what comes before the bytes: all ones when nothing does. Compiled for good at the first call: a node's first minutes would run what was compiled in haste.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Of(uint state, ReadOnlySpan<byte> bytes, int firstBlock, int endOfBlocks, int from, Span<byte> destination)
    {
        // Each lane is folded over the distance in bits to the bytes that it meets next.
        var over2048 = Over(0x1_1542_778a, 0x1_322d_1430);
        var over512 = Over(0x1_5444_2bd4, 0x1_c6e4_1596);
        var over128 = Vector128.Create(0x1_7519_97d0UL, 0x0_ccaa_009e);

        ref var source = ref MemoryMarshal.GetReference(bytes);
        ref var target = ref MemoryMarshal.GetReference(destination);
        var a = Load(ref source, 0) ^ Vector512.CreateScalar((ulong)state);
        var b = Load(ref source, VectorBytes);
        var c = Load(ref source, 2 * VectorBytes);
        var d = Load(ref source, 3 * VectorBytes);
        var offset = BlockBytes;
        for (; offset <= bytes.Length - BlockBytes; offset += BlockBytes)
        {
            var e = Load(ref source, offset);
            var f = Load(ref source, offset + VectorBytes);
            var g = Load(ref source, offset + (2 * VectorBytes));
            var h = Load(ref source, offset + (3 * VectorBytes));
            if (offset >= firstBlock && offset < endOfBlocks)
            {
                var to = (nuint)(offset - from);
                e.AsByte().StoreUnsafe(ref target, to);
                f.AsByte().StoreUnsafe(ref target, to + VectorBytes);
                g.AsByte().StoreUnsafe(ref target, to + (2 * VectorBytes));
                h.AsByte().StoreUnsafe(ref target, to + (3 * VectorBytes));
            }

            a = Fold(a, over2048) ^ e;
            b = Fold(b, over2048) ^ f;
            c = Fold(c, over2048) ^ g;
            d = Fold(d, over2048) ^ h;
        }

        var all = Fold(Fold(Fold(a, over512) ^ b, over512) ^ c, over512) ^ d;
        for (; offset <= bytes.Length - VectorBytes; offset += VectorBytes)
        {
            all = Fold(all, over512) ^ Load(ref source, offset);
        }

        var (first, second) = (all.GetLower(), all.GetUpper());
        var last = Fold(Fold(Fold(first.GetLower(), over128) ^ first.GetUpper(), over128) ^ second.GetLower(), over128) ^ second.GetUpper();
        for (; offset <= bytes.Length - LaneBytes; offset += LaneBytes)
        {
            last = Fold(last, over128) ^ Vector128.LoadUnsafe(ref source, (nuint)offset).AsUInt64();
        }

        // What is left has the checksum of all that was folded into it, begun with zeros: the library begins with ones.
        Span<byte> rest = stackalloc byte[2 * LaneBytes];
        (last ^ Vector128.CreateScalar((ulong)uint.MaxValue)).AsByte().CopyTo(rest);
        bytes[offset..].CopyTo(rest[LaneBytes..]);
        return Crc32.HashToUInt32(rest[..(LaneBytes + bytes.Length - offset)]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte source, int offset) => Vector512.LoadUnsafe(ref source, (nuint)offset).AsUInt64();

    /// <summary>For a distance d: x^(d + 32) and x^(d - 32) modulo the polynomial, bits reflected, for the low and the high half of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Over(ulong low, ulong high) => Vector512.Create(low, high, low, high, low, high, low, high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> lanes, Vector512<ulong> over) => Pclmulqdq.V512.IsSupported
        ? Pclmulqdq.V512.CarrylessMultiply(lanes, over, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(lanes, over, 0x11)
        : Vector512.Create(Fold(lanes.GetLower(), over.GetLower()), Fold(lanes.GetUpper(), over.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Fold(Vector256<ulong> lanes, Vector256<ulong> over) =>
        Pclmulqdq.V256.CarrylessMultiply(lanes, over, 0x00) ^ Pclmulqdq.V256.CarrylessMultiply(lanes, over, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> lane, Vector128<ulong> over) =>
        Pclmulqdq.CarrylessMultiply(lane, over, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, over, 0x11);
}
