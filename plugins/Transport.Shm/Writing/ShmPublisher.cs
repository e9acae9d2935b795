using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>The writing end. One loop publishes; the heartbeat thread mends; the kernel may dispose at any time.</summary>
internal sealed class ShmPublisher : ILoaningPublisher
{
    private const int Free = 0, Busy = 1, Loaned = 2, Closed = 3;
    private const long RetryNs = 60_000_000_000;
    private const long LookPauseNs = 20_000;

    /// <summary>Longer than a beat or a mend holds the lock on a healthy machine; a frame is lost after it, not the writer.</summary>
    private static readonly TimeSpan MendPatience = TimeSpan.FromMilliseconds(20);

    private readonly Lock _life = new();
    private readonly RegionPaths _paths;
    private readonly WriterLock _lock;
    private readonly ReadySemaphore? _ready;
    private readonly Clock _clock;
    private readonly ILogger _logger;
    private readonly Action<ShmPublisher> _onClosed;
    private WritableRegion _region;
    private RingWriter _ring;
    private ulong _next;
    private int _gate;
    private bool _closed;
    private long _nextComplaint;
    private long _lookedAtNs;

    private ShmPublisher(
        ChannelSpec channel, in RegionPaths paths, WriterLock writerLock, WritableRegion region, ReadySemaphore? ready, Clock clock, ILogger logger, Action<ShmPublisher> onClosed)
    {
        Channel = channel;
        _paths = paths;
        _lock = writerLock;
        _region = region;
        _ring = region.Ring;
        _ready = ready;
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
        try
        {
            Fault.Hit("lock.taken");
            foreach (var leftover in paths.Leftovers())
            {
                _ = Native.Unlink(leftover);
            }

            using var predecessor = PredecessorRegion.Find(paths);
            var region = WritableRegion.Create(paths, header, ring => ring.Beat(clock.NowNs()));
            predecessor?.MarkClosed();
            var ready = semaphores ? ReadySemaphore.For(paths, logger) : null;
            Log.Publishing(logger, channel.Name.Value, paths.Region, header.Slots, header.PayloadCapacity, header.Epoch);
            return new ShmPublisher(channel, paths, writerLock, region, ready, clock, logger, onClosed);
        }
        catch
        {
            writerLock.Dispose();
            throw;
        }
    }

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        if (!TryEnter(Busy))
        {
            return PublishResult.Closed;
        }

        var now = _clock.NowNs();
        var result = PublishResult.TooLarge;
        if (payload.Length <= _ring.PayloadCapacity)
        {
            result = EnsureWhole(now) ? PublishResult.Published : PublishResult.Failed;
        }

        if (result == PublishResult.Published)
        {
            _ring.Publish(_next, payload, now);
            Count(payload.Length, now);
        }
        else
        {
            Counters.Lost++;
        }

        Volatile.Write(ref _gate, Free);
        return result;
    }

    public PublishResult TryLoan(int payloadBytes, out Loan loan)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        loan = default;
        if (!TryEnter(Loaned))
        {
            return PublishResult.Closed;
        }

        if (payloadBytes > _ring.PayloadCapacity || !EnsureWhole(_clock.NowNs()))
        {
            Counters.Lost++;
            var result = payloadBytes > _ring.PayloadCapacity ? PublishResult.TooLarge : PublishResult.Failed;
            EndLoan();
            return result;
        }

        loan = new Loan(this, _ring.Open(_next, payloadBytes));
        return PublishResult.Published;
    }

    public PublishResult CommitLoan(int payloadBytes)
    {
        if (Volatile.Read(ref _closed))
        {
            EndLoan();
            return PublishResult.Closed;
        }

        if (!_region.IsWhole)
        {
            // The file shrank under the loan: what was filled is gone with it.
            Counters.Lost++;
            EndLoan();
            return PublishResult.Failed;
        }

        var now = _clock.NowNs();
        _ring.Commit(_next, payloadBytes, now);
        Count(payloadBytes, now);
        EndLoan();
        return PublishResult.Published;
    }

    /// <summary>The slot stays odd and its number is used again: readers never hear of it.</summary>
    public void DropLoan() => EndLoan();

    public ValueTask DisposeAsync()
    {
        lock (_life)
        {
            if (!_closed)
            {
                Volatile.Write(ref _closed, true);
                var gate = CloseGate();
                _region.Close();
                if (gate == Free)
                {
                    _region.Release();
                }

                _ready?.Dispose();
                _lock.Dispose();
                Log.Closed(_logger, Channel.Name.Value);
            }
        }

        _onClosed(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Called every 500 ms: a sign of life, and a look whether the region is still where readers find it.</summary>
    internal void Beat()
    {
        lock (_life)
        {
            if (_closed)
            {
                return;
            }

            var whole = _region.IsWhole;
            if (whole)
            {
                _ring.Beat(_clock.NowNs());
            }

            _ready?.Check();

            // A publish or a loan in progress is not waited for: the next beat looks again.
            if ((!whole || !_region.IsInPlace) && Interlocked.CompareExchange(ref _gate, Busy, Free) == Free)
            {
                try
                {
                    Mend(whole);
                }
                finally
                {
                    Volatile.Write(ref _gate, Free);
                }
            }
        }
    }

    /// <summary>With the gate held: the mapping may be touched.</summary>
    private bool EnsureWhole(long now)
    {
        // The look is a system call. A writer that publishes faster than this is not slowed by it; all others look every time.
        if (now - _lookedAtNs < LookPauseNs)
        {
            return true;
        }

        _lookedAtNs = now;
        if (_region.IsWhole)
        {
            return true;
        }

        // Not for ever: DisposeAsync holds the lock while it waits for the gate that this publish holds.
        if (!_life.TryEnter(MendPatience))
        {
            return false;
        }

        try
        {
            return !_closed && Mend(oldIsWhole: false);
        }
        finally
        {
            _life.Exit();
        }
    }

    /// <summary>
    /// With the gate and the life lock held: a new region in place of the one that was removed, replaced or cut short. Same epoch and same numbers, for it is
    /// the same writer: readers who had the newest frame do not get it twice, and those who missed it get it.
    /// </summary>
    private bool Mend(bool oldIsWhole)
    {
        var old = _region;
        try
        {
            var latest = oldIsWhole ? old.Ring.Latest : 0;
            var region = WritableRegion.Create(_paths, old.Header, ring =>
            {
                ring.Beat(_clock.NowNs());
                if (latest != 0)
                {
                    var newest = old.Ring.Newest(out var monoNs);
                    if (!newest.IsEmpty)
                    {
                        ring.Publish(latest, newest, monoNs);
                    }
                }
            });
            _region = region;
            _ring = region.Ring;
            if (oldIsWhole)
            {
                old.Ring.Close();
            }

            Fault.Hit("mend.swapped");
            old.Release();
            Log.Mended(_logger, Channel.Name.Value, _paths.Region);
            return true;
        }
        catch (TransportException e)
        {
            var now = _clock.NowNs();
            if (now >= _nextComplaint)
            {
                _nextComplaint = now + RetryNs;
                Log.MendFailed(_logger, Channel.Name.Value, _paths.Region, e.Message);
            }

            return false;
        }
    }

    private void Count(int bytes, long now)
    {
        _next++;
        Counters.Values++;
        Counters.Bytes += bytes;
        _ready?.Post(now);
    }

    /// <summary>False when the publisher was disposed. The only other holder besides this loop's own loan is a mend, which is short.</summary>
    private bool TryEnter(int state)
    {
        var spin = default(SpinWait);
        while (true)
        {
            switch (Interlocked.CompareExchange(ref _gate, state, Free))
            {
                case Free:
                    return true;
                case Closed:
                    return false;
                case Loaned:
                    throw new InvalidOperationException($"a loan of channel '{Channel.Name}' is open; commit or dispose it first");
                default:
                    spin.SpinOnce();
                    break;
            }
        }
    }

    /// <summary>Shuts the gate; a loan that is open keeps its memory until it ends.</summary>
    private int CloseGate()
    {
        var spin = default(SpinWait);
        while (true)
        {
            var seen = Volatile.Read(ref _gate);
            if (seen == Loaned)
            {
                return Loaned;
            }

            if (seen == Free && Interlocked.CompareExchange(ref _gate, Closed, Free) == Free)
            {
                return Free;
            }

            spin.SpinOnce();
        }
    }

    private void EndLoan()
    {
        if (Volatile.Read(ref _closed))
        {
            // Disposed while the loan was open. The lock orders this after the closing.
            lock (_life)
            {
                Volatile.Write(ref _gate, Closed);
                _region.Release();
            }

            return;
        }

        Volatile.Write(ref _gate, Free);
        if (Volatile.Read(ref _closed) && Interlocked.CompareExchange(ref _gate, Closed, Free) == Free)
        {
            lock (_life)
            {
                _region.Release();
            }
        }
    }
}
