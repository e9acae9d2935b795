using System.Buffers.Binary;

namespace Omnisight.Transport.Shm;

/// <summary>A region as its writer has it: made under a random name, whole before it is seen, never resized, never used again.</summary>
internal sealed unsafe class WritableRegion
{
    private const uint RegionMode = 0x1A0; // 0640

    private readonly RegionPaths _paths;
    private readonly FileFacts _identity;
    private readonly uint* _lastWord;
    private CutGuard.Watch* _watch;
    private bool _isGuarded;
    private int _fd;

    private WritableRegion(in RegionPaths paths, in RegionHeader header, int fd, byte* start, CutGuard.Watch* watch, in FileFacts identity)
    {
        _paths = paths;
        _watch = watch;
        _lastWord = (uint*)(start + header.RegionBytes - sizeof(uint));
        _fd = fd;
        _identity = identity;
        Header = header;
        Ring = new RingWriter(start, header);
        CheckGuard();
    }

    public RegionHeader Header { get; }

    public RingWriter Ring { get; }

    /// <summary>False when somebody changed the file's size: touching the mapping would then be fatal.</summary>
    public bool IsWhole => Native.Seek(_fd, 0, Native.SeekEnd) == Header.RegionBytes;

    /// <summary>Touching its memory kills nobody: what is gone is replaced by zeros, and then <see cref="IsCut"/>.</summary>
    public bool IsGuarded => _isGuarded;

    /// <summary>Something was touched that was gone: this process has zeros in its place, which nobody else sees.</summary>
    public bool IsCut => _watch != null && Volatile.Read(ref _watch->Cut) != 0;

    /// <summary>
    /// Is its last page there, and so are all? Where nothing is watched it is asked before a store, by a call that takes the way through the kernel that the wake after that store takes,
    /// which is then warm. A file that was cut within its last page, or grew, is found by <see cref="IsWhole"/>. So is any, where the call fails for a reason that says nothing about
    /// the file (a sandbox, no memory).
    /// </summary>
    public bool HasPages
    {
        get
        {
            if (_isGuarded)
            {
                _ = Volatile.Read(ref *_lastWord);
                return !IsCut;
            }

            return _fd >= 0 && !IsCut && (Native.FutexWake(_lastWord) || (!Native.LastCallFoundNoPage && IsWhole));
        }
    }

    /// <summary>False when the region's name is gone or names another file.</summary>
    public bool IsInPlace => Native.TryStat(_paths.Region, out var facts) && facts.IsSameFile(_identity);

    /// <summary>False when readers can't find it, must not trust it or could not understand it. Only while it is whole.</summary>
    public bool IsSound
    {
        get
        {
            Span<byte> header = stackalloc byte[RegionLayout.HeaderBytes];
            Header.WriteTo(header);
            BinaryPrimitives.WriteUInt32LittleEndian(header[RegionLayout.MagicAt..], RegionLayout.Magic);
            return Native.TryStat(_paths.Region, out var facts) && facts.IsSameFile(_identity) && facts.Owner == _identity.Owner && !facts.OthersCanWrite
                && RegionHeader.IsSameFixedPart(header, new ReadOnlySpan<byte>(Ring.Start, RegionLayout.HeaderBytes));
        }
    }

    /// <summary>Makes the region and puts it in its place; <paramref name="beforeSeen"/> may put a frame into it first.</summary>
    /// <exception cref="TransportException">No space, no permission.</exception>
    public static WritableRegion Create(in RegionPaths paths, in RegionHeader header, Action<RingWriter>? beforeSeen = null)
    {
        var temporary = paths.NewTemporary();
        var fd = Native.Open(temporary, Native.ReadWrite | Native.Create | Native.Exclusive | Native.NoFollow | Native.CloseOnExec, RegionMode);
        if (fd < 0)
        {
            throw RegionErrors.From(Native.LastError, $"can't create a region in {paths.Directory}");
        }

        void* start = null;
        CutGuard.Watch* watch = null;
        try
        {
            Fault.Hit("create.opened");
            _ = Native.ChangeMode(fd, RegionMode);

            // Reserving alone can leave the length at 0; a length alone means SIGBUS on first touch when the tmpfs is full.
            var error = Native.Reserve(fd, 0, header.RegionBytes);
            if (error != 0)
            {
                throw error is Native.Enospc or Native.Edquot
                    ? RegionErrors.NoSpace(error, header.RegionBytes, paths, header.Slots)
                    : RegionErrors.From(error, $"can't reserve {header.RegionBytes} bytes for {paths.Region}");
            }

            if (Native.SetLength(fd, header.RegionBytes) != 0)
            {
                throw RegionErrors.From(Native.LastError, $"can't set the length of {temporary}");
            }

            start = Native.Map(null, (nuint)header.RegionBytes, Native.ProtRead | Native.ProtWrite, Native.MapShared, fd, 0);
            if (start == (void*)-1)
            {
                start = null;
                throw RegionErrors.From(Native.LastError, $"can't map {header.RegionBytes} bytes of {temporary}");
            }

            watch = CutGuard.Over(start, (nuint)header.RegionBytes);
            header.WriteTo(new Span<byte>(start, RegionLayout.HeaderBytes));
            _ = Native.TryStat(fd, out var identity);
            var region = new WritableRegion(paths, header, fd, (byte*)start, watch, identity);
            beforeSeen?.Invoke(region.Ring);
            region.Ring.GoLive();
            Fault.Hit("create.before_rename");
            if (Native.Rename(temporary, paths.Region) != 0)
            {
                throw RegionErrors.From(Native.LastError, $"can't put the region into its place {paths.Region}");
            }

            Fault.Hit("create.renamed");
            return region;
        }
        catch
        {
            if (start != null)
            {
                CutGuard.Forget(watch);
                _ = Native.Unmap(start, (nuint)header.RegionBytes);
            }

            _ = Native.Close(fd);
            _ = Native.Unlink(temporary);
            throw;
        }
    }

    /// <summary>Somebody in this process may have put another handler in the guard's place.</summary>
    public void CheckGuard() => _isGuarded = _watch != null && CutGuard.IsInPlace;

    /// <summary>Tells readers that nothing will come any more, and takes the name away if it is still ours.</summary>
    public void Close()
    {
        if (IsWhole)
        {
            Ring.Close();
        }

        Fault.Hit("close.before_unlink");
        if (IsInPlace)
        {
            _ = Native.Unlink(_paths.Region);
        }
    }

    /// <summary>The same region, until it is released, as the one that takes its place sees it.</summary>
    public PredecessorRegion AsPredecessor() => new(_fd, Header.RegionBytes);

    /// <summary>Gives the memory back. Nothing may touch the ring afterwards.</summary>
    public void Release()
    {
        if (_fd >= 0)
        {
            CutGuard.Forget(_watch);
            _watch = null;
            _isGuarded = false;
            _ = Native.Unmap(Ring.Start, (nuint)Header.RegionBytes);
            _ = Native.Close(_fd);
            _fd = -1;
        }
    }
}
