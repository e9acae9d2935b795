using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>The writing end. One loop publishes; the heartbeat thread mends; the kernel may dispose at any time.</summary>
internal sealed partial class ShmPublisher : ILoaningPublisher
{
    private const long LookPauseNs = 20_000;

    /// <summary>Whoever cuts the file as fast as it is made anew costs the frame.</summary>
    private const int MostMends = 3;

    private readonly Lock _life = new();
    private readonly RegionPaths _paths;
    private readonly WriterLock _lock;
    private readonly ReadySemaphore? _ready;
    private readonly LastFrame _last;
    private readonly Clock _clock;
    private readonly ILogger _logger;
    private readonly Action<ShmPublisher> _onClosed;
    private PublishGate _gate;
    private WritableRegion _region;
    private RingWriter _ring;
    private ulong _next;
    private bool _closed;
    private long _lookedAt;

    private ShmPublisher(
        ChannelSpec channel, in RegionPaths paths, WriterLock writerLock, WritableRegion region, ReadySemaphore? ready, Clock clock, ILogger logger, Action<ShmPublisher> onClosed)
    {
        Channel = channel;
        _paths = paths;
        _lock = writerLock;
        _region = region;
        _ring = region.Ring;
        _ready = ready;
        _last = LastFrame.Of(channel);
        _clock = clock;
        _logger = logger;
        _onClosed = onClosed;
        _next = 1;
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ulong Epoch => _region.Header.Epoch;

    public ChannelCounters Counters { get; } = new();

    /// <summary>The next frame's number; tests set it to see the sequence wrap.</summary>
    internal ulong NextSequence { get => _next; set => _next = value; }

    /// <exception cref="TransportException">In use, unsafe, no space, no permission.</exception>
    public static ShmPublisher Open(ChannelSpec channel, in RegionPaths paths, RegionHeader header, bool semaphores, Clock clock, ILogger logger, Action<ShmPublisher> onClosed)
    {
        var writerLock = WriterLock.Take(paths);
        WritableRegion? region = null;
        ReadySemaphore? ready = null;
        try
        {
            Fault.Hit("lock.taken");
            foreach (var leftover in paths.Leftovers())
            {
                _ = Native.Unlink(leftover);
            }

            using var predecessor = PredecessorRegion.Find(paths);
            if (predecessor?.LivingWriter(clock.NowNs()) is > 0 and var pid)
            {
                throw WriterLock.InUse(paths, $"{pid}");
            }

            region = Create(paths, header, predecessor, clock);
            predecessor?.MarkClosed();
            ready = semaphores ? ReadySemaphore.For(paths, logger) : null;
            Log.Publishing(logger, channel.Name.Value, paths.Region, header.Slots, header.PayloadCapacity, header.Epoch);
            return new ShmPublisher(channel, paths, writerLock, region, ready, clock, logger, onClosed);
        }
        catch
        {
            region?.Close();
            region?.Release();
            ready?.Dispose(isOurs: true);
            writerLock.Dispose();
            throw;
        }
    }

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        var now = _clock.NowNs();
        if (!_gate.TryEnter(Channel))
        {
            return PublishResult.Closed;
        }

        // Nothing here throws, so nothing here need be tried. What can wait until the readers are woken does: what nobody used since the last frame is in no cache.
        var fits = Fits(payload.Length, _region.IsGuarded || HasPages(now));
        if (fits)
        {
            _ring.Publish(_next, payload, now);
        }

        try
        {
            if (!fits || (_region.IsGuarded ? !_region.HasPages : _region.IsCut))
            {
                return PublishElsewhere(payload, now, isSeen: fits);
            }

            Count(payload, now);
            MendIfDue(now);
            return PublishResult.Published;
        }
        finally
        {
            _gate.Exit();
        }
    }

    public PublishResult TryLoan(int payloadBytes, out Loan loan)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        loan = default;
        if (!_gate.TryEnter(Channel))
        {
            return PublishResult.Closed;
        }

        var lent = false;
        try
        {
            var now = _clock.NowNs();
            var fits = Fits(payloadBytes, _region.IsGuarded ? _region.HasPages : HasPages(now));
            var result = fits ? PublishResult.Published : MendOrRefuse(payloadBytes, now);
            if (result == PublishResult.Published)
            {
                loan = new Loan(this, _ring.Open(_next, payloadBytes));
                lent = true;
            }

            return result;
        }
        finally
        {
            if (lent)
            {
                _gate.Lend();
            }
            else
            {
                _gate.Exit();
            }
        }
    }

    public PublishResult CommitLoan(int payloadBytes)
    {
        Fault.Hit("loan.filled");
        if (!_gate.TryTakeBack(out var wasClosed))
        {
            ReleaseIf(wasClosed);
            return PublishResult.Closed;
        }

        try
        {
            // The file may have shrunk under the loan: what was filled is gone with it.
            if (!_isShut && _region.HasPages)
            {
                var now = _clock.NowNs();
                var payload = _ring.Commit(_next, payloadBytes, now);
                if (!_region.IsCut)
                {
                    Count(payload, now);
                    if (_region.IsCut)
                    {
                        _last.Forget(); // what was kept of it may be zeros
                    }

                    MendIfDue(now);
                    return PublishResult.Published;
                }

                _next++;
            }

            Counters.Lost++;
            return PublishResult.Failed;
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>The slot stays odd and its number is used again: readers never hear of it.</summary>
    public void DropLoan()
    {
        if (_gate.TryTakeBack(out var wasClosed))
        {
            _gate.Exit();
        }

        ReleaseIf(wasClosed);
    }

    public ValueTask DisposeAsync()
    {
        lock (_life)
        {
            if (!_closed)
            {
                _closed = true;
                var isIdle = _gate.Close();
                _region.Close();
                if (isIdle)
                {
                    _region.Release();
                }

                _ready?.Dispose(isOurs: !_superseded);
                _lock.Dispose();
                _onClosed(this);
            }
            else
            {
                return ValueTask.CompletedTask;
            }
        }

        Log.Closed(_logger, Channel.Name.Value);
        return ValueTask.CompletedTask;
    }

    /// <summary>A region in its place; when there is no room beside a dead writer's, in the memory of its frames.</summary>
    private static WritableRegion Create(in RegionPaths paths, in RegionHeader header, PredecessorRegion? predecessor, Clock clock)
    {
        try
        {
            return WritableRegion.Create(paths, header, ring => ring.Beat(clock.NowNs()));
        }
        catch (TransportException e) when (e.Error == TransportError.NoSpace && predecessor is not null)
        {
            if (!predecessor.TryMakeRoom(header.RegionBytes, RegionErrors.FreeBytes(paths.Directory)))
            {
                throw;
            }
        }

        return WritableRegion.Create(paths, header, ring => ring.Beat(clock.NowNs()));
    }

    /// <summary>With the gate held: does the payload fit, and may anything go into this region?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Fits(int bytes, bool mayTouch) => mayTouch && bytes <= _ring.PayloadCapacity && !_isShut;

    private PublishResult MendOrRefuse(int bytes, long now)
    {
        var result = bytes > _ring.PayloadCapacity ? PublishResult.TooLarge : !_superseded && TryMend(now) ? PublishResult.Published : PublishResult.Failed;
        if (result != PublishResult.Published)
        {
            Counters.Lost++;
        }

        return result;
    }

    /// <summary>Into a region in the place of the one that can't have it.</summary>
    /// <param name="payload">The frame.</param>
    /// <param name="now">Its time.</param>
    /// <param name="isSeen">The file was cut under the frame: a reader may have seen its number, so no other frame gets it.</param>
    private PublishResult PublishElsewhere(ReadOnlySpan<byte> payload, long now, bool isSeen)
    {
        for (var attempt = 0; attempt < MostMends; attempt++)
        {
            if (MendOrRefuse(payload.Length, now) is not PublishResult.Published and var refused)
            {
                if (isSeen)
                {
                    _next++;
                    _isShut = true;
                }

                return refused;
            }

            _ring.Publish(_next, payload, now);
            isSeen = true;
            if (!_region.IsCut)
            {
                Count(payload, now);
                return PublishResult.Published;
            }
        }

        _next++;
        Counters.Lost++;
        return PublishResult.Failed;
    }

    /// <summary>
    /// Where it is not guarded, a store beyond the end of its file kills the process, and the look before it is a system call: a writer that publishes faster than every 20 us is not slowed by
    /// it, for the wake after its last frame has told whether the file's beginning is there; all others look every time.
    /// </summary>
    private bool HasPages(long now)
    {
        if (now - _lookedAt < LookPauseNs && !_ring.IsCut)
        {
            return true;
        }

        var hasPages = _region.HasPages;
        _lookedAt = hasPages ? now : 0;
        return hasPages;
    }

    /// <summary>The frame is in the region that those who have it read; the new one takes it over.</summary>
    private void MendIfDue(long now)
    {
        if (_isMendDue)
        {
            _ = TryMend(now);
        }
    }

    private void Count(ReadOnlySpan<byte> payload, long now)
    {
        _last.Note(_next++, payload, now);
        Counters.Values++;
        Counters.Bytes += payload.Length;
        _ready?.Post(now);
    }

    /// <summary>Disposed while a loan was open? The lock orders this after the closing.</summary>
    private void ReleaseIf(bool wasClosed)
    {
        if (wasClosed)
        {
            lock (_life)
            {
                _region.Release();
            }
        }
    }
}
