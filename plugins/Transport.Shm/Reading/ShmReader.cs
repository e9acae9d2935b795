using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>
/// The reading end in safe mode, and what both modes share: taking the newest frame, judging the writer, attaching and attaching again. Waiting is the other half.
/// </summary>
internal partial class ShmReader : IBlockingReader
{
    /// <summary>How often a read that lost its slot to the writer looks for a newer frame before it says Contended.</summary>
    private const int MaxAttempts = 32;

    private const long LookNs = 50_000_000;

    private readonly RegionAttachment _region;
    private readonly WaiterRegistry _waiters;
    private readonly RejectLog _rejects;
    private readonly Clock _clock;
    private readonly ShmOptions _options;
    private readonly ManualResetEventSlim _disposed = new();
    private UseGate _gate;
    private AsyncWait? _wait;
    private SampleInfo _last;
    private SeenFrames _seen;
    private Rejection _rejectedNow;
    private Rejection _rejectedFrame;
    private int _rejectedInRow;
    private ulong _leftBehind;
    private Contention _contention;
    private LowNumbers _low;
    private RegionState _judgedState;
    private long _nextLookNs;
    private bool _hasWaited;
    private protected bool Leased;

    /// <summary>The attached ring, as long as nothing has been the matter since a frame was taken from it: a higher number is its next frame, and <see cref="TakeNext"/> books that.</summary>
    private protected IRing? Calm;

    public ShmReader(ChannelSpec channel, RegionAttachment region, WaiterRegistry waiters, Clock clock, ILogger logger, ShmOptions options)
    {
        Channel = channel;
        _region = region;
        _waiters = waiters;
        _clock = clock;
        _options = options;
        _rejects = new RejectLog(logger, channel.Name.Value, Counters, clock);
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ChannelCounters Counters { get; } = new();

    private protected IRing? Ring => _region.Ring;

    private protected ref SampleInfo Last => ref _last;

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        if (!TryEnter())
        {
            info = _last;
            return ReadStatus.Closed;
        }

        try
        {
            var status = Read(decoder);
            info = _last;
            if (status != ReadStatus.Fresh)
            {
                SayWithoutNews(status, ref info);
            }

            return status;
        }
        finally
        {
            Exit();
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_gate.Close())
        {
            Release();
        }

        _disposed.Set();
        return ValueTask.CompletedTask;
    }

    /// <summary>What is said of the last value by a read that brought none.</summary>
    private protected void SayWithoutNews(ReadStatus status, ref SampleInfo info)
    {
        info.Missed = 0;
        info.Rejection = status == ReadStatus.Rejected ? _rejectedNow : Rejection.None;
    }

    internal bool IsDisposed => _gate.IsClosed;

    internal RegionAttachment Region => _region;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected bool TryEnter() => _gate.TryEnter() || IsLeft();

    private bool IsLeft()
    {
        Exit();
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void Exit()
    {
        if (_gate.Exit())
        {
            Release();
        }
    }

    /// <summary>Attaches or checks when that is due; the ring, or null with the status to return.</summary>
    private protected IRing? Attached(bool isCheckDue, out ReadStatus status)
    {
        if (isCheckDue)
        {
            Maintain(_clock.NowNs());
        }

        status = ReadStatus.NotReady;
        if (Ring is { } ring)
        {
            return ring;
        }

        if (!_region.Rejection.IsNone)
        {
            _rejectedNow = _region.Rejection;
            status = ReadStatus.Rejected;
        }
        else if (_last.Sequence != 0)
        {
            status = ReadStatus.WriterGone;
        }

        return null;
    }

    /// <summary>A wait has looked before it slept: the frame that it was woken for is not kept waiting for another look.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected bool IsCheckDue()
    {
        if (_hasWaited)
        {
            _hasWaited = false;
            return false;
        }

        return IsCheckDueNow();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsCheckDueNow() => (_wait is { } wait && wait.TakeHint()) || _clock.CoarseNs() >= _region.NextCheckNs;

    /// <summary>The newest frame's number if this reader has not had it; else the status that says how things stand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected ReadStatus? TryFindNew(IRing ring, out ulong latest) =>
        !ring.TryReadLatest(out latest) ? Truncated() : _seen.IsNews(_region.View!.Header.Epoch, latest) ? null : LookAgain(ring, ref latest);

    /// <summary>Is it to be taken although it is no news?</summary>
    private ReadStatus? LookAgain(IRing ring, ref ulong latest)
    {
        var epoch = _region.View!.Header.Epoch;
        if (_seen.IsUnreadable(epoch, latest) || IsForged(ring, latest))
        {
            return null;
        }

        if (_seen.Unreadable != 0)
        {
            // The writer has put its index right.
            _seen = _seen with { Unreadable = 0 };
            _rejectedNow = _rejectedFrame;
        }

        // The last frame before a close was stored before the state that was just seen.
        var control = ring.Control;
        return control.State == RegionState.Closed && ring.TryReadLatest(out latest) && _seen.IsNews(epoch, latest) ? null : Judge(control);
    }

    /// <summary>Was the last number not the writer's? Then what it published since is news, and this index the first of it.</summary>
    private bool IsForged(IRing ring, ulong latest)
    {
        if (latest >= _seen.Sequence || latest == 0)
        {
            _low.End();
            return false;
        }

        Calm = null;
        var now = _clock.NowNs();
        if (!_low.GoOn(latest, now) || !ring.TryLook(latest, out var frame) || WriterHealth.Age(frame.PublishedMonoNs, now) > now - _low.SinceNs)
        {
            return false;
        }

        _rejects.Count(new(RejectReason.Latest, _seen.Sequence, latest));
        Counters.Lost -= _last.Sequence == _seen.Sequence ? (long)_last.Missed : 0; // nobody ever published what seemed to be missing
        _seen = _seen with { Sequence = latest - 1 };
        _low.End();
        return true;
    }

    /// <summary>Is this the frame that was taken last, in the region that is attached?</summary>
    private protected bool IsLastIn(ulong sequence) => _last.Sequence == sequence && _last.Epoch == _region.View!.Header.Epoch;

    /// <summary>The writer may be gone: has another taken its place? Looks at most every 50 ms; true when it went over to another region.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected bool WentOver(ReadStatus status) => status is ReadStatus.Stale or ReadStatus.WriterGone or ReadStatus.WriterStopped && WentOver();

    private bool WentOver()
    {
        var now = _clock.NowNs();
        if (now < _nextLookNs)
        {
            return false;
        }

        _nextLookNs = now + LookNs;
        return Maintain(now);
    }

    private ReadStatus Read(IPayloadDecoder decoder)
    {
        var ring = Attached(IsCheckDue(), out var status);
        if (ring is not null)
        {
            status = Read(ring, decoder);
            if (WentOver(status) && Ring is { } successor)
            {
                status = Read(successor, decoder);
            }
        }

        return status;
    }

    private ReadStatus Read(IRing ring, IPayloadDecoder decoder)
    {
        RingFrame frame = default;
        ulong latest = 0;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (TryFindNew(ring, out latest) is { } known)
            {
                return known;
            }

            switch (ring.Take(latest, decoder, out frame))
            {
                case TakeResult.Taken:
                    Take(latest, frame);
                    return ReadStatus.Fresh;
                case TakeResult.Rejected:
                    return Reject(latest, frame);
                case TakeResult.Truncated:
                    return Truncated();
                default:
                    Counters.Torn++;
                    break;
            }
        }

        return Contended(ring, latest, frame);
    }

    /// <summary>Nothing new: how old is what there is, and does the writer live?</summary>
    private ReadStatus Judge(in RingControl control)
    {
        var view = _region.View!;
        var now = _clock.NowNs();
        if (control.State == RegionState.Closed && _judgedState != RegionState.Closed)
        {
            _nextLookNs = 0; // it may be a successor that closed it
        }

        _judgedState = control.State;
        var status = WriterHealth.Judge(control, view, _last, Channel, now);
        if (!_rejectedNow.IsNone && status is ReadStatus.Unchanged or ReadStatus.Idle or ReadStatus.Stale or ReadStatus.NotReady)
        {
            // The newest frame is the one that was rejected; it was counted when it was met.
            return ReadStatus.Rejected;
        }

        return status;
    }

    /// <summary>True when the region is another afterwards.</summary>
    internal bool Maintain(long now)
    {
        var before = _region.View;
        var unseen = before is not null && before.Header.Epoch == _seen.Epoch && before.Ring.TryReadForWait(out var last) && _seen.IsNews(_seen.Epoch, last.Latest)
            && before.Ring.TryLook(last.Latest, out _)
            ? last.Latest - _seen.Sequence
            : 0;
        var calm = Calm;
        Calm = null; // also where the look throws: it may have let go of the region
        _region.Maintain(now);
        CountAttachRejection();
        if (ReferenceEquals(before, _region.View))
        {
            Calm = calm;
            return false;
        }

        if (_region.View is { } view && view.Header.Epoch != _seen.Epoch)
        {
            _leftBehind += unseen; // published before the restart, and never to be had
        }

        _rejectedNow = _region.View?.Header.Epoch == _seen.Epoch ? _rejectedFrame : Rejection.None; // the newest frame of the same writer is the one it was
        _judgedState = RegionState.Initialising;
        return true;
    }

    private void CountAttachRejection()
    {
        if (_region.TakeRejection() is { IsNone: false } rejection)
        {
            _rejects.CountRefusal(_region.Path, rejection);
        }
    }

    /// <summary>By whoever is last: the one that disposes, or the call that it found inside.</summary>
    private void Release()
    {
        _region.Release(Leased);
        if (_wait is { } wait)
        {
            _waiters.Unregister(wait);
        }
    }
}
