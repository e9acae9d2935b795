using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>
/// One thread that sleeps on a channel's futex for all the asynchronous readers that this process has of it, and continues them itself: a hop to the
/// thread pool would cost more than the wake. A reader that holds the thread in its continuation loses it: the others get a new one.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "a semaphore without a wait handle holds nothing; a held thread may still come back to it")]
internal sealed unsafe class ChannelWaiter(string channel, RegionAttachment region, Clock clock, ILogger logger)
{
    private const long SliceNs = 100_000_000;
    private const long UnwaitableNs = 1_000_000;
    private const long DeadlineNs = 1_000_000_000;
    private const long HintPauseNs = 50_000_000;
    private const long HeldTooLongNs = 500_000_000;
    private const long ComplainNs = 60_000_000_000;

    /// <summary>A continuation may hold the thread; its region goes with it when it comes back.</summary>
    private const int StopMs = 500;

    private readonly Lock _change = new();
    private readonly SemaphoreSlim _noticed = new(0);
    private AsyncWait[] _waits = [];
    private Turn? _turn;
    private int _parked;
    private long _nextComplaintNs;

    public string Channel => channel;

    public long NewDeadline() => clock.NowNs() + DeadlineNs;

    public void Add(AsyncWait wait)
    {
        lock (_change)
        {
            if (_turn is null)
            {
                StartTurn();
            }

            _waits = [.. _waits, wait];
        }
    }

    /// <summary>True when it was the last: the caller then stops this waiter.</summary>
    public bool Remove(AsyncWait wait)
    {
        lock (_change)
        {
            _waits = [.. _waits.Where(w => w != wait)];
            return _waits.Length == 0;
        }
    }

    /// <summary>Somebody waits: the thread must not stay parked.</summary>
    public void Notice()
    {
        if (Interlocked.Exchange(ref _parked, 0) == 1)
        {
            _noticed.Release();
        }
    }

    public void Stop()
    {
        Turn? turn;
        lock (_change)
        {
            turn = _turn;
            turn?.End();
            _turn = null;
        }

        // It is parked, pauses where there is no region, sleeps on the region's word, or is about to: hence again and again.
        Notice();
        _noticed.Release();
        for (var waited = 0; turn is not null && turn.Thread != Thread.CurrentThread && waited < StopMs; waited++)
        {
            if (waited * 1_000_000L <= SliceNs)
            {
                turn.Wake();
            }

            if (turn.Thread.Join(1))
            {
                return;
            }
        }
    }

    /// <summary>Called twice a second: replaces a thread that a continuation holds.</summary>
    public void CheckHeld()
    {
        lock (_change)
        {
            var now = clock.NowNs();
            if (_turn is { } turn && turn.HeldSinceNs is var since and not 0 && now - since is var held and > HeldTooLongNs)
            {
                var isDue = now >= _nextComplaintNs;
                _nextComplaintNs = isDue ? now + ComplainNs : _nextComplaintNs;
                Replace(turn, isDue, held);
            }
        }
    }

    private void Replace(Turn turn, bool complain, long heldNs)
    {
        try
        {
            StartTurn();
            turn.End();
            if (complain)
            {
                Log.WaiterHeld(logger, channel, heldNs / 1_000_000);
            }
        }
        catch (Exception e)
        {
            if (complain)
            {
                Log.WaiterFailed(logger, channel, e);
            }
        }
    }

    /// <summary>A system that has no thread to give leaves things as they were: the next one who asks tries again.</summary>
    private void StartTurn()
    {
        var turn = new Turn(this);
        turn.Start();
        _turn = turn;
    }

    /// <summary>One thread's time as the channel's waiter, with a region of its own.</summary>
    private sealed class Turn
    {
        private readonly ChannelWaiter _waiter;
        private readonly RegionAttachment _region;

        private readonly int _bit = Native.ChooseWakeBit();

        private volatile bool _ended;
        private long _heldSinceNs;

        public Turn(ChannelWaiter waiter)
        {
            _waiter = waiter;
            _region = waiter.NewRegion();
            Thread = new Thread(Run) { IsBackground = true, Name = "shm " + waiter.Channel };
        }

        public Thread Thread { get; }

        public long HeldSinceNs => Volatile.Read(ref _heldSinceNs);

        public void Start() => Thread.Start();

        public void End() => _ended = true;

        /// <summary>Ends its sleep on the word. The thread itself may let go of the region meanwhile: for an address that is gone a wake is an error and nothing else.</summary>
        public void Wake()
        {
            if (_region.View is { } view)
            {
                Native.FutexWake(view.Notify, _bit);
            }
        }

        private void Run()
        {
            Native.AskForShortSlices();
            while (!_ended)
            {
                if (!Array.Exists(_waiter._waits, w => w.IsArmed))
                {
                    _waiter.Park();
                    continue;
                }

                try
                {
                    Round();
                }
                catch (Exception e)
                {
                    // Nobody is above this thread: what it threw would end the process.
                    Tell(e, Log.WaiterFailed);
                    _waiter.Pause(SliceNs);
                }
            }

            _region.Release(keepAddresses: false);

            // Parked when it was replaced, it may have been woken in its successor's place.
            _ = _waiter._noticed.Release();
        }

        private void Round()
        {
            var now = _waiter.Now;
            if (now >= _region.NextCheckNs)
            {
                _region.Maintain(now);
            }

            RingControl control = default;
            var view = _region.View;
            if (view is not null && !view.Ring.TryReadForWait(out control))
            {
                _region.Detach(Rejection.None);
                view = null;
            }

            if (Sweep(view, control, now))
            {
                return;
            }

            if (view is null)
            {
                _waiter.Pause(Math.Clamp(_region.NextCheckNs - now, 1_000_000, SliceNs));
                if (_region.Rejection.Reason == RejectReason.Unreadable)
                {
                    // What this thread can't open for want of a descriptor its readers may have.
                    ContinueAll();
                }
            }
            else
            {
                Fault.Hit("wait.before_sleep");
                switch (Native.FutexWait(view.Notify, control.Notify, TimeSpan.FromTicks(SliceNs / 100), _bit))
                {
                    case 0:
                        ContinueAll();
                        break;
                    case Native.Efault:
                        _region.Detach(Rejection.None);
                        _waiter.Pause(UnwaitableNs);
                        break;
                    case Native.Eagain or Native.Eintr or Native.Etimedout:
                        break;
                    default:
                        _waiter.Pause(UnwaitableNs);
                        break;
                }
            }
        }

        private void Tell(Exception what, Action<ILogger, string, Exception> log)
        {
            try
            {
                log(_waiter.Logger, _waiter.Channel, what);
            }
            catch (Exception)
            {
                // A log that throws as well: nobody is left who could be told.
            }
        }

        /// <summary>Whoever wakes has stored something first: the readers look for themselves.</summary>
        private void ContinueAll()
        {
            foreach (var wait in _waiter._waits)
            {
                if (wait.IsArmed && !_ended)
                {
                    _ = Continue(wait, hint: false);
                }
            }
        }

        /// <summary>Ends the waits that have something to see; true when there was one.</summary>
        private bool Sweep(RegionView? view, in RingControl control, long now)
        {
            var any = false;
            foreach (var wait in _waiter._waits)
            {
                if (!wait.IsArmed)
                {
                    continue;
                }

                if (view is not null && wait.Seen.Epoch != view.Header.Epoch && control.Latest != 0 && now >= wait.NextHintNs)
                {
                    // Another region than the reader's, or this thread's is the old one.
                    wait.NextHintNs = now + HintPauseNs;
                    _region.Maintain(now);
                    any = Continue(wait, hint: true);
                }
                else if (view is not null && wait.Seen.Epoch == view.Header.Epoch && wait.Seen.IsNewsIn(view, control.Latest)
                    && (wait.Told != (wait.Seen, control.Latest) || now >= wait.NextHintNs))
                {
                    // Told of it and come back without it: it may look at another region than this thread does.
                    var again = wait.Told == (wait.Seen, control.Latest);
                    wait.Told = (wait.Seen, control.Latest);
                    wait.NextHintNs = now + HintPauseNs;
                    any = Continue(wait, again);
                }
                else if (view is not null && (wait.SeenState == RegionState.Closed) != (control.State == RegionState.Closed) && now >= wait.NextHintNs)
                {
                    wait.NextHintNs = now + HintPauseNs;
                    _region.Maintain(now);
                    any = Continue(wait, hint: true);
                }
                else if (now >= wait.DeadlineNs)
                {
                    any = Continue(wait, hint: false);
                }

                if (_ended)
                {
                    return true;
                }
            }

            return any;
        }

        private bool Continue(AsyncWait wait, bool hint)
        {
            Volatile.Write(ref _heldSinceNs, _waiter.Now);
            try
            {
                if (hint)
                {
                    wait.CompleteWithHint();
                }
                else
                {
                    _ = wait.TryComplete(true);
                }
            }
            catch (Exception e)
            {
                Tell(e, Log.ContinuationThrew);
            }

            Volatile.Write(ref _heldSinceNs, 0);
            return true;
        }
    }

    private long Now => clock.NowNs();

    private ILogger Logger => logger;

    private RegionAttachment NewRegion() => region.Twin();

    private void Park()
    {
        Volatile.Write(ref _parked, 1);
        Interlocked.MemoryBarrier();
        if (_turn is null || Array.Exists(_waits, w => w.IsArmed))
        {
            if (Interlocked.Exchange(ref _parked, 0) == 1)
            {
                return;
            }
        }

        _noticed.Wait();
    }

    private void Pause(long ns) => _ = _noticed.Wait(TimeSpan.FromTicks(ns / 100));
}
