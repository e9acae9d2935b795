namespace Omnisight.Transport.Shm;

/// <summary>An open region as one reader has it: descriptor, read-only mapping (in safe mode of the first page alone, for the futex), checked layout.</summary>
internal sealed unsafe class RegionView
{
    private const long AliveCheckNs = 100_000_000;

    private readonly FileFacts _identity;
    private readonly nuint _mapped;
    private readonly ProcessIdentity _writer;
    private bool _mayBeAlive = true;
    private long _nextAliveCheckNs;
    private int _fd;

    private RegionView(int fd, byte* start, nuint mapped, in RegionHeader header, in FileFacts identity, IRing ring)
    {
        _fd = fd;
        Start = start;
        _mapped = mapped;
        Header = header;
        _identity = identity;
        Ring = ring;
        _writer = new ProcessIdentity(header.WriterPid, header.WriterStartTicks, header.PidNamespace);
    }

    public byte* Start { get; }

    public RegionHeader Header { get; }

    public IRing Ring { get; }

    /// <summary>The futex word. Handing it to the kernel is safe whatever became of the file.</summary>
    public uint* Notify => (uint*)(Start + RegionLayout.NotifyAt);

    /// <summary>Opens what lies at the path; null without a rejection when nothing does.</summary>
    public static RegionView? TryOpen(string path, RegionTrust trust, string messageId, bool map, byte[]? buffer, out Rejection rejection)
    {
        rejection = Rejection.None;
        var fd = Native.Open(path, Native.ReadOnly | Native.NoFollow | Native.CloseOnExec | Native.NonBlocking, 0);
        if (fd < 0)
        {
            rejection = Native.LastError switch
            {
                Native.Enoent => Rejection.None,
                Native.Eloop or Native.Eacces or Native.Eperm =>
                    new(RejectReason.UnsafeOwner, Native.TryStat(path, out var there) ? there.Owner : 0, Native.EffectiveUserId()),
                var error => new(RejectReason.BadLayout, (ulong)error),
            };
            return null;
        }

        void* start = null;
        nuint mapped = 0;
        if (Inspect(fd, trust, out var header, out var identity) is { IsNone: false } refused)
        {
            rejection = refused;
        }
        else if (!SameMessage(header.MessageId, messageId))
        {
            rejection = new(RejectReason.MessageMismatch);
        }
        else
        {
            mapped = map ? (nuint)header.RegionBytes : RegionLayout.HeaderBytes;
            start = Native.Map(null, mapped, Native.ProtRead, Native.MapShared, fd, 0);
            if (start == (void*)-1)
            {
                rejection = new(RejectReason.BadLayout, mapped);
            }
        }

        if (!rejection.IsNone)
        {
            _ = Native.Close(fd);
            return null;
        }

        IRing ring = map ? new MappedRing((byte*)start, header) : new PreadRing(fd, header, buffer);
        return new RegionView(fd, (byte*)start, mapped, header, identity, ring);
    }

    /// <summary>Looks at the open file again: owner, mode, size, header.</summary>
    public Rejection Recheck(RegionTrust trust)
    {
        var rejection = Inspect(_fd, trust, out _, out var facts);
        return facts.Bytes < Header.RegionBytes ? new(RejectReason.Truncated, (ulong)facts.Bytes, (ulong)Header.RegionBytes) : rejection;
    }

    /// <summary>Asked at most ten times a second, for it reads /proc.</summary>
    public bool WriterMayBeAlive(long now)
    {
        if (now >= _nextAliveCheckNs)
        {
            _nextAliveCheckNs = now + AliveCheckNs;
            _mayBeAlive = _mayBeAlive && _writer.MayBeAlive;
        }

        return _mayBeAlive;
    }

    /// <summary>False when nothing, or another file, lies at the path.</summary>
    public bool IsReplacedAt(string path) => Native.TryStat(path, out var facts) && !facts.IsSameFile(_identity);

    /// <summary>Gives the memory back.</summary>
    /// <param name="keepAddresses">Leases may still point here: the addresses stay readable, as zeros.</param>
    public void Release(bool keepAddresses = false)
    {
        if (_fd < 0)
        {
            return;
        }

        _ = keepAddresses
            ? Native.Map(Start, _mapped, Native.ProtRead, Native.MapPrivate | Native.MapFixed | Native.MapAnonymous, -1, 0) == (void*)-1 ? -1 : 0
            : Native.Unmap(Start, _mapped);
        _ = Native.Close(_fd);
        _fd = -1;
    }

    private static Rejection Inspect(int fd, RegionTrust trust, out RegionHeader header, out FileFacts facts)
    {
        header = default;
        if (!Native.TryStat(fd, out facts))
        {
            return new(RejectReason.UnsafeOwner);
        }

        var rejection = trust.Check(facts);
        if (!rejection.IsNone)
        {
            return rejection;
        }

        var bytes = stackalloc byte[RegionLayout.HeaderBytes];
        var length = Native.Read(fd, bytes, RegionLayout.HeaderBytes, 0);
        return RegionHeader.TryParse(new ReadOnlySpan<byte>(bytes, (int)Math.Max(0, length)), facts.Bytes, out header);
    }

    /// <summary>Ids are of the same message when they agree before the version, which is the codec's business.</summary>
    private static bool SameMessage(string found, string expected) =>
        expected.Length == 0 || Name(found).SequenceEqual(Name(expected));

    private static ReadOnlySpan<char> Name(string id) => id.LastIndexOf('/') is > 0 and var slash ? id.AsSpan(0, slash) : id;
}
