namespace Omnisight.Transport.Shm;

/// <summary>How a writer keeps what others read by: signs of life, and a new region where the old one was removed, replaced or damaged.</summary>
internal sealed partial class ShmPublisher
{
    private const long ComplainNs = 60_000_000_000;
    private const long MendAgainNs = 500_000_000;

    /// <summary>Longer than a beat or a mend holds the lock on a healthy machine; a frame is lost after it, not the writer.</summary>
    private static readonly TimeSpan MendPatience = TimeSpan.FromMilliseconds(20);

    private volatile bool _superseded;

    /// <summary>Nothing may go into this region before a mend: another writer has the channel, or the heartbeat found that readers refuse the file.</summary>
    private volatile bool _isShut;

    /// <summary>A heartbeat found that readers can't find, trust or understand the region, and a loan or a publish in the way of mending it.</summary>
    private volatile bool _isMendDue;
    private long _nextComplaint;
    private long _nextMend;

    /// <summary>Called every 500 ms: a sign of life, and a look whether lock and region are still where others find them, and say what they should.</summary>
    internal void Beat()
    {
        lock (_life)
        {
            if (_closed)
            {
                return;
            }

            var isHeld = _lock.Hold(out _);
            _region.CheckGuard();
            var whole = _region.IsWhole;
            if (whole)
            {
                _ring.Beat(_clock.NowNs());
            }

            _ready?.Check();

            // A publish or a loan in progress is not waited for: what only this look finds, it mends when it ends.
            var isSound = whole && _region.IsSound;
            _isShut = _superseded || !whole;
            _isMendDue = !isSound;
            if (!_gate.TryEnterAtOnce())
            {
                return;
            }

            try
            {
                if (isSound)
                {
                    if (isHeld)
                    {
                        _superseded = _isShut = false;
                    }

                    _ring.Affirm();
                }
                else
                {
                    _ = Mend();
                }
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    private bool TryMend(long now)
    {
        // Not for ever: DisposeAsync holds the lock while it waits for the gate that this publish holds.
        if (now < _nextMend || !_life.TryEnter(MendPatience))
        {
            return false;
        }

        try
        {
            return !_closed && Mend();
        }
        finally
        {
            _life.Exit();
        }
    }

    /// <summary>
    /// With the gate and the life lock held: a new region in place of the one that was removed, replaced or damaged. Same epoch and same numbers, for it is
    /// the same writer: readers who had the newest frame do not get it twice, and those who missed it get it.
    /// </summary>
    private bool Mend()
    {
        var old = _region;
        var mayTouchOld = old.HasPages;
        try
        {
            // Another writer's region must not be pushed aside by one whose lock was taken away.
            if (!_lock.Hold(out var reason) && !old.IsInPlace)
            {
                if (reason is not { Error: TransportError.InUse })
                {
                    // Whoever has nothing in their place has no channel either: it is out of reach for everybody.
                    throw reason!;
                }

                Supersede();
                return false;
            }

            // Readers of the pages that are left look for the new one at once.
            using var left = mayTouchOld ? null : PredecessorRegion.Find(_paths);
            if (!mayTouchOld)
            {
                // There may be no room for two. If making it anew fails, the next frame must look, however soon it comes.
                old.Release();
                _lookedAt = 0;
            }

            WritableRegion region;
            try
            {
                region = CreateInPlaceOf(old, mayTouchOld);
            }
            catch (TransportException e) when (e.Error == TransportError.NoSpace && mayTouchOld && WouldOldMakeRoom())
            {
                region = CreateInRoomOf(old);
                mayTouchOld = false;
            }

            _region = region;
            _ring = region.Ring;
            _superseded = _isShut = _isMendDue = false;
            if (mayTouchOld)
            {
                old.Ring.Close();
            }

            left?.MarkClosed();

            Fault.Hit("mend.swapped");
            old.Release();
            Log.Mended(_logger, Channel.Name.Value, _paths.Region);
            return true;
        }
        catch (Exception e)
        {
            // Whatever it is, a writer outlives it: the next beat tries again, and until then frames are lost, at no cost.
            var now = _clock.NowNs();
            _nextMend = now + MendAgainNs;
            if (now >= _nextComplaint)
            {
                _nextComplaint = now + ComplainNs;
                Log.MendFailed(_logger, Channel.Name.Value, _paths.Region, e.Message);
            }

            return false;
        }
    }

    /// <summary>Is memory what lacks (and not, say, an inode), and would that of the region's frames be enough?</summary>
    private bool WouldOldMakeRoom()
    {
        var free = RegionErrors.FreeBytes(_paths.Directory);
        return free < _region.Header.RegionBytes && _region.AsPredecessor().IsRoomFor(_region.Header.RegionBytes, free);
    }

    /// <summary>Where there is no room for both.</summary>
    private WritableRegion CreateInRoomOf(WritableRegion old)
    {
        _last.Keep(old);
        _lookedAt = 0;
        try
        {
            var room = old.AsPredecessor();
            room.MakeRoom();
            var region = CreateInPlaceOf(old, mayTouchOld: false);
            room.MarkClosed(); // for those who looked before there was one to find
            return region;
        }
        finally
        {
            old.Release();
        }
    }

    private WritableRegion CreateInPlaceOf(WritableRegion old, bool mayTouchOld) => WritableRegion.Create(_paths, old.Header, ring =>
    {
        ring.Beat(_clock.NowNs());
        _last.PublishAgain(ring, mayTouchOld ? old : null);
    });

    private void Supersede()
    {
        if (!_superseded)
        {
            _superseded = _isShut = true;
            Log.Superseded(_logger, Channel.Name.Value, _paths.Lock);
        }
    }
}
