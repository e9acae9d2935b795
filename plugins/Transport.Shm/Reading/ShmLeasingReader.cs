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
        lease = default;
        if (!TryEnter())
        {
            return ReadStatus.Closed;
        }

        try
        {
            if (Attached(out var status) is MappedRing ring)
            {
                Leased = true;
                status = TryLease(ring, out lease);
                if (WentOver(status) && Ring is MappedRing successor)
                {
                    status = TryLease(successor, out lease);
                }

                if (!ReferenceEquals(_leasedFrom, Ring))
                {
                    _leasedFrom = Ring as MappedRing;
                }
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

    public bool ValidateLease(ulong sequence) => !IsDisposed && _leasedFrom is { } ring && ReferenceEquals(ring, Ring) && ring.IsStill(sequence);

    /// <summary>No bytes, but where the last value stands, and why. Apart: its copies would cost every lease.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
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
