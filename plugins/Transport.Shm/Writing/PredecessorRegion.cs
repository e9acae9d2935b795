namespace Omnisight.Transport.Shm;

/// <summary>
/// The region that a writer finds in its place. Once its own stands there, it marks the old one closed, so that readers who sleep on it look
/// for the new one at once. Stores go through pwrite: the file may be of any size.
/// </summary>
internal sealed unsafe class PredecessorRegion : IDisposable
{
    private readonly int _fd;
    private readonly long _bytes;

    public PredecessorRegion(int fd, long bytes) => (_fd, _bytes) = (fd, bytes);

    /// <exception cref="TransportException">What is there belongs to somebody else.</exception>
    public static PredecessorRegion? Find(in RegionPaths paths)
    {
        if (RegionErrors.ForeignOwner(paths.Region) is { } refusal)
        {
            throw refusal;
        }

        var fd = Native.Open(paths.Region, Native.ReadWrite | Native.NoFollow | Native.CloseOnExec | Native.NonBlocking, 0);
        if (fd < 0)
        {
            return null;
        }

        // What was looked at by name may be another file by now.
        if (!Native.TryStat(fd, out var facts) || !facts.IsRegular || facts.Owner != Native.EffectiveUserId() || facts.Bytes < RegionLayout.HeaderBytes)
        {
            _ = Native.Close(fd);
            return null;
        }

        return new PredecessorRegion(fd, facts.Bytes);
    }

    /// <summary>The pid of a writer that has this region and lives, although its lock could be taken: then the lock's file was removed. 0 = none.</summary>
    public int LivingWriter(long now)
    {
        var bytes = stackalloc byte[RegionLayout.HeaderBytes];
        if (!TryReadHeader(bytes, out var header))
        {
            return 0;
        }

        var lives = *(uint*)(bytes + RegionLayout.StateAt) == (uint)RegionState.Live
            && WriterHealth.Age(*(long*)(bytes + RegionLayout.HeartbeatAt), now) <= WriterHealth.GoneNs
            && new ProcessIdentity(header.WriterPid, header.WriterStartTicks, header.PidNamespace).IsCertainlyAlive;
        return lives ? header.WriterPid : 0;
    }

    public void MarkClosed()
    {
        uint word;
        if (!IsRegion())
        {
            return;
        }

        word = (uint)RegionState.Closed;
        _ = Native.Write(_fd, &word, sizeof(uint), RegionLayout.StateAt);
        _ = Native.Read(_fd, &word, sizeof(uint), RegionLayout.NotifyAt);
        word++;
        _ = Native.Write(_fd, &word, sizeof(uint), RegionLayout.NotifyAt);
        var start = Native.Map(null, RegionLayout.HeaderBytes, Native.ProtRead, Native.MapShared, _fd, 0);
        if (start != (void*)-1)
        {
            _ = Native.FutexWake((uint*)((byte*)start + RegionLayout.NotifyAt));
            _ = Native.Unmap(start, RegionLayout.HeaderBytes);
        }
    }

    /// <summary>Would its frames' memory be room enough for a successor that has none beside them? Memory comes and goes in pages, and the header's stays.</summary>
    public bool IsRoomFor(long needed, long available) => Pages(_bytes) - Pages(RegionLayout.HeaderBytes) + available >= Pages(needed);

    /// <summary>Makes room; false when that would not help.</summary>
    public bool TryMakeRoom(long needed, long available)
    {
        if (!IsRoomFor(needed, available) || !IsRegion())
        {
            return false;
        }

        MakeRoom();
        return true;
    }

    /// <summary>Gives its frames' memory away. The file keeps its length, so a reader that still has it finds zeros, which no frame's number matches.</summary>
    public void MakeRoom()
    {
        MarkClosed();
        ulong none = 0;
        _ = Native.Write(_fd, &none, sizeof(ulong), RegionLayout.LatestAt);

        // A reader that is inside a frame finds that its slot holds no frame before it finds zeros in it.
        none = ulong.MaxValue;
        var bytes = stackalloc byte[RegionLayout.HeaderBytes];
        var slots = TryReadHeader(bytes, out var header) ? header.Slots : 0;
        for (var slot = 1; slot <= slots; slot++)
        {
            _ = Native.Write(_fd, &none, sizeof(ulong), header.SlotAt((ulong)slot));
        }

        Native.PunchHole(_fd, RegionLayout.HeaderBytes, Pages(_bytes) - RegionLayout.HeaderBytes);
    }

    private static long Pages(long bytes) => (bytes + Environment.SystemPageSize - 1) / Environment.SystemPageSize * Environment.SystemPageSize;

    public void Dispose() => _ = Native.Close(_fd);

    private bool TryReadHeader(byte* bytes, out RegionHeader header)
    {
        header = default;
        return Native.Read(_fd, bytes, RegionLayout.HeaderBytes, 0) == RegionLayout.HeaderBytes
            && RegionHeader.TryParse(new ReadOnlySpan<byte>(bytes, RegionLayout.HeaderBytes), _bytes, out header).IsNone;
    }

    private bool IsRegion()
    {
        uint magic;
        return Native.Read(_fd, &magic, sizeof(uint), RegionLayout.MagicAt) == sizeof(uint) && magic == RegionLayout.Magic;
    }
}
