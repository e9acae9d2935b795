using System.Runtime.CompilerServices;

namespace Omnisight.Transport.Shm;

/// <summary>What a reader notes of a frame that it took, or could not take.</summary>
internal partial class ShmReader
{
    private const int RejectsBeforeReopen = 10;
    private const long PlausibleNs = 1_000_000_000;

    /// <summary>Is this a time, and plausible without asking the clock? Not when the last check lies too far back to know.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected bool IsSurelyPlausible(long publishedMonoNs) => (ulong)(publishedMonoNs - 1) < (ulong)(_region.NextCheckNs + PlausibleNs);

    /// <summary>Books the frame after the last one of a ring that is <see cref="Calm"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected void TakeNext(ulong sequence, int payloadBytes, long publishedMonoNs)
    {
        _last.Missed = sequence - _last.Sequence - 1;
        _last.Sequence = sequence;
        _last.PublishedMonoNs = publishedMonoNs;
        _seen = _seen with { Sequence = sequence };
        Count(payloadBytes);
    }

    /// <summary>Books a frame that was taken.</summary>
    private protected void Take(ulong sequence, in RingFrame frame)
    {
        var epoch = _region.View!.Header.Epoch;
        if (_last.Epoch == epoch && sequence > _last.Sequence)
        {
            _last.Missed = sequence - _last.Sequence - 1;
        }
        else
        {
            // A reader's first frame misses nothing, and how many a forged number hid is not known; after a restart, what the new writer published before was missed.
            _last.Missed = _last.Sequence == 0 || _last.Epoch == epoch ? 0 : sequence - 1 + _leftBehind;
            _leftBehind = 0;
            Counters.Resets += _last.Sequence == 0 ? 0 : 1;
        }

        _last.Epoch = epoch;
        _last.Sequence = sequence;
        _last.PublishedMonoNs = IsPlausible(frame.PublishedMonoNs) ? frame.PublishedMonoNs : 0;
        _last.Rejection = Rejection.None;
        _seen = new(epoch, sequence, 0);
        _rejectedNow = _rejectedFrame = Rejection.None;
        _rejectedInRow = 0;
        _contention.End();
        _low.End();
        Calm = Ring;
        Count(frame.PayloadBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Count(int payloadBytes)
    {
        Counters.Values++;
        Counters.Bytes += payloadBytes;
        Counters.Lost += (long)_last.Missed;
    }

    /// <summary>A time that lies in the future proves nothing (0).</summary>
    private bool IsPlausible(long publishedMonoNs) => IsSurelyPlausible(publishedMonoNs) || WriterHealth.Age(publishedMonoNs, _clock.NowNs()) != long.MaxValue;

    /// <summary>Books a frame that is whole and not acceptable.</summary>
    private protected ReadStatus Reject(ulong sequence, in RingFrame frame)
    {
        Calm = null;
        _seen = new(_region.View!.Header.Epoch, sequence, 0);
        _rejectedFrame = frame.Rejection;
        return Rejected(_rejectedFrame);
    }

    private ReadStatus Rejected(in Rejection rejection)
    {
        _rejectedNow = rejection;
        _rejects.Count(_rejectedNow);
        if (++_rejectedInRow == RejectsBeforeReopen)
        {
            _rejectedInRow = 0;
            _rejects.Reopening(_region.Path, RejectsBeforeReopen, _rejectedNow);
            _region.Detach(Rejection.None);
        }

        return ReadStatus.Rejected;
    }

    private protected ReadStatus Truncated()
    {
        Calm = null;
        _rejectedNow = new Rejection(RejectReason.Truncated, 0, (ulong)_region.View!.Header.RegionBytes);
        _region.Detach(_rejectedNow);
        CountAttachRejection();
        return ReadStatus.Rejected;
    }

    /// <summary>After too many torn attempts: contended, or, when it stays that way, an index that names a slot which never becomes readable.</summary>
    private protected ReadStatus Contended(IRing ring, ulong sequence, in RingFrame frame)
    {
        Calm = null;
        var epoch = _region.View!.Header.Epoch;
        if (_seen.IsUnreadable(epoch, sequence))
        {
            // Counted when it was found out.
            return Judge(ring.Control);
        }

        if (!_contention.IsHopeless(sequence, _clock.NowNs()))
        {
            return ReadStatus.Contended;
        }

        _rejectedFrame = epoch == _seen.Epoch ? _rejectedFrame : Rejection.None;
        _seen = _seen.WithUnreadable(epoch, sequence);
        return Rejected(new(RejectReason.Latest, sequence, frame.SlotSequence));
    }
}
