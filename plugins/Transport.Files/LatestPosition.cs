namespace Omnisight.Transport.Files;

/// <summary>Where a reader of a Latest channel stands, and what an envelope means to it: numbers, gaps, new epochs, age, liveness.</summary>
internal sealed class LatestPosition
{
    /// <summary>How often a writer's process is looked at.</summary>
    private const long LivenessIntervalNs = 1_000_000_000;

    private readonly ChannelSpec _channel;
    private readonly TimeProvider _time;
    private readonly ChannelCounters _counters;
    private ulong _foreignEpoch;
    private long _livenessAt;
    private bool _alive;
    private bool _known;

    public LatestPosition(ChannelSpec channel, TimeProvider time, ChannelCounters counters)
    {
        _channel = channel;
        _time = time;
        _counters = counters;
    }

    /// <summary>The last value taken; Sequence 0 = none.</summary>
    public SampleInfo Last;

    /// <summary>The process that wrote it; Pid 0 = it did not say.</summary>
    public ProcessIdentity Writer { get; private set; }

    /// <summary>The place that a document has. It counts when <see cref="Accept"/> is called.</summary>
    /// <param name="envelope">What it says of itself.</param>
    /// <param name="publishedMonoNs">When it was written, as far as the transport knows, for writers that do not say.</param>
    public SampleInfo Place(in Envelope envelope, long publishedMonoNs)
    {
        var now = MonotonicClock.NowNs(_time);
        var info = new SampleInfo { PublishedMonoNs = Math.Min(now, (envelope.Found & EnvelopeMembers.MonoNs) != 0 ? envelope.MonoNs : publishedMonoNs) };
        if (!envelope.IsSequenced)
        {
            // One made-up epoch per writer that we can tell from another.
            var same = _foreignEpoch != 0 && Last.Epoch == _foreignEpoch && Writer == envelope.Writer;
            info.Epoch = same ? _foreignEpoch : EnvelopeWriter.NewEpoch();
            info.Sequence = same ? Last.Sequence + 1 : 1;
            return info;
        }

        info.Epoch = envelope.Epoch;
        info.Sequence = envelope.Sequence;
        if (envelope.Epoch == Last.Epoch && Last.Sequence != 0 && envelope.Sequence > Last.Sequence)
        {
            info.Missed = envelope.Sequence - Last.Sequence - 1;
        }

        return info;
    }

    /// <summary>The value was taken.</summary>
    public void Accept(in Envelope envelope, in SampleInfo info, int bytes)
    {
        if (Last.Sequence != 0 && (info.Epoch != Last.Epoch || info.Sequence <= Last.Sequence))
        {
            _counters.Resets++;
        }

        _foreignEpoch = envelope.IsSequenced ? 0 : info.Epoch;
        _counters.Values++;
        _counters.Bytes += bytes;
        _counters.Lost += (long)Math.Min(info.Missed, long.MaxValue);
        Last = info;
        Writer = envelope.Writer;
        _known = false;
    }

    /// <summary>What there is to say when there is nothing new.</summary>
    public ReadStatus StatusWithoutNews()
    {
        if (Last.Sequence == 0)
        {
            return ReadStatus.NotReady;
        }

        var old = MonotonicClock.NowNs(_time) - Last.PublishedMonoNs > _channel.StaleThreshold.Ticks * 100;
        if (!old)
        {
            return ReadStatus.Unchanged;
        }

        // Events come when they come: only the writer's end makes the last one old.
        return Writer.Pid == 0 ? (_channel.Period == TimeSpan.Zero ? ReadStatus.Unchanged : ReadStatus.Stale)
            : !WriterLives(Writer) ? ReadStatus.WriterGone
            : _channel.Period == TimeSpan.Zero ? ReadStatus.Unchanged
            : ReadStatus.Idle;
    }

    /// <summary>True for what a writer that is gone left behind too long ago to be served.</summary>
    public bool IsLeftover(in Envelope envelope, in SampleInfo info) =>
        MonotonicClock.NowNs(_time) - info.PublishedMonoNs > _channel.StaleAfter.Ticks * 100
        && envelope.Writer.Pid != 0 && !envelope.Writer.MayBeAlive;

    private bool WriterLives(ProcessIdentity writer)
    {
        var now = MonotonicClock.NowNs(_time);
        if (!_known || now - _livenessAt >= LivenessIntervalNs)
        {
            _known = true;
            _livenessAt = now;
            _alive = writer.MayBeAlive;
        }

        return _alive;
    }
}
