using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Omnisight.Messages;

/// <summary>The binary form of all frames: a header, the elements as they lie in memory, a checksum. Allocates nothing.</summary>
internal static class FrameBinary
{
    /// <summary>Writes a frame; -1 when not even an empty one fits.</summary>
    public static int Encode<TElement>(FrameLayout layout, ElementFrame<TElement> frame, ulong frameId, int version, Span<byte> destination)
        where TElement : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, FrameLayout.MinVersion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version, FrameLayout.MaxVersion);
        frame.LeftOut = 0;
        var capacity = version == 1
            ? (destination.Length < layout.TotalBytes(1, 0) ? -1 : layout.FixedCapacity)
            : layout.Fit(destination.Length);
        if (capacity < 0)
        {
            return -1;
        }

        var count = Math.Min(frame.Count, capacity);
        frame.LeftOut = frame.Count - count;
        var header = layout.HeaderBytes(version);
        var checksum = (int)layout.ChecksumOffset(version, count);
        var total = (int)layout.TotalBytes(version, count);

        BinaryPrimitives.WriteUInt32LittleEndian(destination, FrameLayout.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[FrameLayout.VersionOffset..], (uint)version);
        if (layout.HasFrameId)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[FrameLayout.FrameIdOffset..], frameId);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(destination[layout.TimestampOffset..], frame.TimestampMs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[layout.CountOffset..], (uint)count);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[layout.ImageOffset..], frame.Width | ((uint)frame.Height << 16));
        if (version > 1)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[layout.TruncatedOffset..], frame.AllTruncated);
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(layout.TruncatedOffset + 4)..], 0);
        }

        var elements = destination[header..checksum];
        var used = count * layout.ElementBytes;
        uint computed;
        if (frame.LeftOut == 0 && used == elements.Length)
        {
            computed = FrameChecksum.OfFilled(destination, header, frame.ElementBytes);
        }
        else
        {
            if (frame.LeftOut == 0)
            {
                frame.ElementBytes.CopyTo(elements);
            }
            else
            {
                CopyMostConfident(frame, MemoryMarshal.Cast<byte, TElement>(elements[..used]));
            }

            elements[used..].Clear();
            computed = FrameChecksum.Of(destination[..checksum]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination[checksum..], computed);
        destination[(checksum + 4)..total].Clear();
        return total;
    }

    /// <summary>
    /// Reads a frame from bytes that nobody vouches for, and that may even change meanwhile (the caller validates afterwards):
    /// what is checked was read once, and the elements' values are checked in the frame's own memory.
    /// </summary>
    public static Rejection Decode<TElement>(FrameLayout layout, ReadOnlySpan<byte> payload, ElementFrame<TElement> frame, out ulong frameId)
        where TElement : unmanaged
    {
        frameId = 0;
        if (payload.Length < layout.MinBytes)
        {
            return new(RejectReason.Truncated, (ulong)payload.Length, (ulong)layout.MinBytes);
        }

        var magic = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        if (magic != FrameLayout.Magic)
        {
            return new(RejectReason.BadMagic, magic, FrameLayout.Magic);
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(payload[FrameLayout.VersionOffset..]);
        if (version is < FrameLayout.MinVersion or > FrameLayout.MaxVersion)
        {
            return new(RejectReason.VersionMismatch, version, FrameLayout.MaxVersion);
        }

        var count = BinaryPrimitives.ReadUInt32LittleEndian(payload[layout.CountOffset..]);
        var header = layout.HeaderBytes((int)version);
        if (version == 1)
        {
            var total = layout.TotalBytes(1, 0);
            if (payload.Length < total)
            {
                return new(RejectReason.Truncated, (ulong)payload.Length, (ulong)total);
            }

            if (count > layout.FixedCapacity)
            {
                return new(RejectReason.Count, count, (ulong)layout.FixedCapacity);
            }
        }
        else
        {
            var fits = (payload.Length - header - 4) / layout.ElementBytes;
            if (count > fits)
            {
                return new(RejectReason.Count, count, (ulong)fits);
            }
        }

        var checksumOffset = (int)layout.ChecksumOffset((int)version, count);
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(payload[checksumOffset..]);
        var elements = MemoryMarshal.AsBytes(frame.Resize((int)count));
        var computed = FrameChecksum.OfCopy(payload[..checksumOffset], header, elements);
        if (stored != computed)
        {
            frame.Clear();
            return new(RejectReason.Crc, stored, computed);
        }

        if (layout.HasFrameId)
        {
            frameId = BinaryPrimitives.ReadUInt64LittleEndian(payload[FrameLayout.FrameIdOffset..]);
        }

        var image = BinaryPrimitives.ReadUInt32LittleEndian(payload[layout.ImageOffset..]);
        frame.TimestampMs = BinaryPrimitives.ReadUInt64LittleEndian(payload[layout.TimestampOffset..]);
        frame.Width = (ushort)image;
        frame.Height = (ushort)(image >> 16);
        frame.Truncated = version == 1 ? null : BinaryPrimitives.ReadUInt32LittleEndian(payload[layout.TruncatedOffset..]);
        frame.Version = (int)version;
        frame.LeftOut = 0;
        DropInvalid(frame);
        return Rejection.None;
    }

    /// <summary>Removes the elements whose values are out of range, and counts them.</summary>
    public static void DropInvalid<TElement>(ElementFrame<TElement> frame)
        where TElement : unmanaged
    {
        var elements = frame.Elements;
        var kept = frame.CountValidFromStart();
        for (var i = kept; i < elements.Length; i++)
        {
            if (!frame.IsValid(in elements[i]))
            {
                continue;
            }

            if (kept != i)
            {
                elements[kept] = elements[i];
            }

            kept++;
        }

        frame.Dropped = elements.Length - kept;
        _ = frame.Resize(kept);
    }

    /// <summary>Keeps at most so many elements, as encoding does where no more fit; returns how many were left out.</summary>
    public static int Limit<TElement>(ElementFrame<TElement> frame, int capacity)
        where TElement : unmanaged
    {
        var leftOut = frame.Count - capacity;
        if (leftOut <= 0)
        {
            return 0;
        }

        CopyMostConfident(frame, frame.Elements[..capacity]);
        _ = frame.Resize(capacity);
        return leftOut;
    }

    /// <summary>As many as the destination takes; it may be the frame's own first elements.</summary>
    private static void CopyMostConfident<TElement>(ElementFrame<TElement> frame, Span<TElement> destination)
        where TElement : unmanaged
    {
        var kept = MostConfident<TElement>.Of(frame, destination.Length);
        var next = 0;
        foreach (ref readonly var element in frame.Elements)
        {
            if (kept.Takes(in element))
            {
                destination[next++] = element;
            }
        }
    }
}
