using System.Collections.Concurrent;

namespace Omnisight.Transport.Shm;

/// <summary>An open region as one reader has it: descriptor, read-only mapping (in safe mode of the first page alone, for the futex), checked layout.</summary>
internal sealed unsafe class RegionView
{
    private const long AliveCheckNs = 100_000_000;

    /// <summary>Of disposed readers whose leases may still be looked at: that many keep their addresses, older ones give them back.</summary>
    private const int MaxKept = 64;

    private static readonly ConcurrentQueue<(nint Start, nuint Bytes, nint Watch)> Kept = new();

    private readonly RegionHeader _header;
    private readonly FileFacts _identity;
    private readonly nuint _mapped;
    private readonly ProcessIdentity _writer;
    private readonly byte[] _fixedPart;
    private readonly CutGuard.Watch* _watch;
    private bool _mayBeAlive = true;
    private long _nextAliveCheckNs;
    private int _fd;

    private RegionView(int fd, byte* start, nuint mapped, in RegionHeader header, byte[] fixedPart, in FileFacts identity, CutGuard.Watch* watch, IRing ring)
    {
        _watch = watch;
        _fd = fd;
        Start = start;
        _mapped = mapped;
        _header = header;
        _fixedPart = fixedPart;
        _identity = identity;
        Ring = ring;
        _writer = new ProcessIdentity(header.WriterPid, header.WriterStartTicks, header.PidNamespace);
    }

    public byte* Start { get; }

    public ref readonly RegionHeader Header => ref _header;

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
                var error => NotOpened(error),
            };
            return null;
        }

        void* start = null;
        nuint mapped = 0;
        var bytes = new byte[RegionLayout.HeaderBytes];
        RegionHeader header = default;
        rejection = Inspect(fd, trust, bytes, out var length, out var identity);
        if (rejection.IsNone)
        {
            rejection = RegionHeader.TryParse(bytes.AsSpan(0, length), identity.Bytes, out header);
        }

        if (rejection.IsNone && !SameMessage(header.MessageId, messageId))
        {
            rejection = new(RejectReason.MessageMismatch);
        }

        if (rejection.IsNone)
        {
            mapped = map ? (nuint)header.RegionBytes : RegionLayout.HeaderBytes;
            start = Native.Map(null, mapped, Native.ProtRead, Native.MapShared, fd, 0);
            if (start == (void*)-1)
            {
                rejection = NotOpened(Native.LastError);
            }
        }

        if (!rejection.IsNone)
        {
            _ = Native.Close(fd);
            return null;
        }

        var watch = map ? CutGuard.Over(start, mapped) : null; // in safe mode nothing but the kernel touches the mapping
        IRing ring = map ? new MappedRing((byte*)start, header, watch) : new PreadRing(fd, header, buffer);
        return new RegionView(fd, (byte*)start, mapped, header, bytes, identity, watch, ring);
    }

    /// <summary>Looks at the open file again: owner, mode, size, header.</summary>
    public Rejection Recheck(RegionTrust trust)
    {
        Span<byte> bytes = stackalloc byte[RegionLayout.HeaderBytes];
        var rejection = Inspect(_fd, trust, bytes, out var length, out var facts);
        if (!rejection.IsNone)
        {
            return rejection;
        }

        if (facts.Bytes < Header.RegionBytes)
        {
            return new(RejectReason.Truncated, (ulong)facts.Bytes, (ulong)Header.RegionBytes);
        }

        if (facts.Bytes == Header.RegionBytes && length == bytes.Length && RegionHeader.IsSameFixedPart(bytes, _fixedPart))
        {
            return Rejection.None;
        }

        // One that is valid too is another region in the same file: it is attached like any other.
        rejection = RegionHeader.TryParse(bytes[..length], facts.Bytes, out _);
        return rejection.IsNone ? new(RejectReason.BadLayout) : rejection;
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

        if (keepAddresses && Native.Map(Start, _mapped, Native.ProtRead, Native.MapPrivate | Native.MapFixed | Native.MapAnonymous, -1, 0) != (void*)-1)
        {
            // Watched as long as it stays: whoever touched it before it was replaced may be on its way into the handler.
            Kept.Enqueue(((nint)Start, _mapped, (nint)_watch));
            while (Kept.Count > MaxKept && Kept.TryDequeue(out var oldest))
            {
                CutGuard.Forget((CutGuard.Watch*)oldest.Watch);
                _ = Native.Unmap((void*)oldest.Start, oldest.Bytes);
            }
        }
        else
        {
            CutGuard.Forget(_watch);
            _ = Native.Unmap(Start, _mapped);
        }

        _ = Native.Close(_fd);
        _fd = -1;
    }

    /// <summary>What this process lacks says nothing about the file.</summary>
    private static Rejection NotOpened(int error) =>
        new(error is Native.Emfile or Native.Enfile or Native.Enomem ? RejectReason.Unreadable : RejectReason.BadLayout, (ulong)error);

    /// <summary>May the open file be read at all, and what are its first bytes?</summary>
    private static Rejection Inspect(int fd, RegionTrust trust, Span<byte> bytes, out int length, out FileFacts facts)
    {
        length = 0;
        if (!Native.TryStat(fd, out facts))
        {
            return new(RejectReason.UnsafeOwner);
        }

        fixed (byte* to = bytes)
        {
            length = (int)Math.Max(0, Native.Read(fd, to, (nuint)bytes.Length, 0));
        }

        return trust.Check(facts);
    }

    /// <summary>Ids are of the same message when they agree before the version, which is the codec's business.</summary>
    private static bool SameMessage(string found, string expected) =>
        expected.Length == 0 || Name(found).SequenceEqual(Name(expected));

    private static ReadOnlySpan<char> Name(string id) => id.LastIndexOf('/') is > 0 and var slash ? id.AsSpan(0, slash) : id;
}
