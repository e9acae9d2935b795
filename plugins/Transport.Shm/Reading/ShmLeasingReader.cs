using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>The reading end in map mode: frames are decoded where they lie, and can be leased.</summary>
internal sealed unsafe class ShmLeasingReader(
    ChannelSpec channel, RegionAttachment region, WaiterRegistry waiters, Clock clock, ILogger logger, ShmOptions options)
    : ShmReader(channel, region, waiters, clock, logger, options), ILeasingReader
{
    private const int MaxAttempts = 32;

    private MappedRing? _leasedFrom;

    public ReadStatus TryLease(out Lease lease)
    {
        if (!TryEnter())
        {
            lease = default;
            return ReadStatus.Closed;
        }

        // The usual case is short and stands apart: after a sleep, a line of code that has left the cache costs more than all that it does.
        var isCheckDue = IsCheckDue();
        if (!isCheckDue && TryLeaseNext(out lease))
        {
            Exit();
            return ReadStatus.Fresh;
        }

        return Lease(isCheckDue, out lease);
    }

    public bool ValidateLease(ulong sequence) => !IsDisposed && _leasedFrom is { } ring && ReferenceEquals(ring, Ring) && ring.IsStill(sequence);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryLeaseNext(out Lease lease)
    {
        if (_leasedFrom is { } ring && ReferenceEquals(ring, Calm)
            && ring.TryLookAfter(Last.Sequence, out var sequence, out var payload, out var bytes, out var publishedMonoNs) && IsSurelyPlausible(publishedMonoNs))
        {
            TakeNext(sequence, bytes, publishedMonoNs);
            lease = new Lease(this, new ReadOnlySpan<byte>(payload, bytes), Last);
            return true;
        }

        lease = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadStatus Lease(bool isCheckDue, out Lease lease)
    {
        lease = default;
        try
        {
            if (Attached(isCheckDue, out var status) is MappedRing ring)
            {
                Leased = true;
                status = TryLease(ring, out lease);
                if (WentOver(status) && Ring is MappedRing successor)
                {
                    status = TryLease(successor, out lease);
                }

                _leasedFrom = Ring as MappedRing;
            }

            if (status != ReadStatus.Fresh && lease.Payload.IsEmpty)
            {
                lease = Without(status);
            }

            return status;
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>No bytes, but where the last value stands, and why.</summary>
    private Lease Without(ReadStatus status)
    {
        var info = Last;
        SayWithoutNews(status, ref info);
        return new Lease(this, default, info);
    }

    private ReadStatus TryLease(MappedRing ring, out Lease lease)
    {
        lease = default;
        RingFrame frame = default;
        ulong latest = 0;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (TryFindNew(ring, out latest) is { } known)
            {
                if (known is ReadStatus.Unchanged or ReadStatus.Idle && IsLastIn(latest)
                    && ring.TryLook(latest, out frame, out var same) && same != null && ring.IsStill(latest))
                {
                    lease = new Lease(this, new ReadOnlySpan<byte>(same, frame.PayloadBytes), Last);
                }

                return known;
            }

            if (!ring.TryLook(latest, out frame, out var payload) || !ring.IsStill(latest))
            {
                Counters.Torn++;
                continue;
            }

            if (payload == null)
            {
                return Reject(latest, frame);
            }

            Take(latest, frame);
            lease = new Lease(this, new ReadOnlySpan<byte>(payload, frame.PayloadBytes), Last);
            return ReadStatus.Fresh;
        }

        return Contended(ring, latest, frame);
    }
}
