using System.Text;

namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>A channel in memory whose writer the test plays: it publishes, falls silent, stops, breaks, restarts.</summary>
internal sealed class MemoryChannel(ChannelSpec spec)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _payload;
    private SampleInfo _info;
    private ReadStatus _idle = ReadStatus.NotReady;

    public ChannelSpec Spec => spec;

    public ulong Epoch { get; private set; } = 0xE1;

    public ulong Sequence { get; private set; }

    public PayloadEncoding Encoding { get; init; } = PayloadEncoding.Json;

    public int Readers { get; private set; }

    /// <summary>A value from the future never turns stale, however slow the machine.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromHours(-1);

    /// <summary>Publishes a payload; <paramref name="age"/> makes it look older than it is, without one it stays fresh.</summary>
    public void Publish(string json, TimeSpan? age = null) => Publish(System.Text.Encoding.UTF8.GetBytes(json), age);

    public void Publish(byte[] payload, TimeSpan? age = null)
    {
        lock (_lock)
        {
            _payload = payload;
            _info = new SampleInfo { Epoch = Epoch, Sequence = ++Sequence, PublishedMonoNs = MonotonicClock.NowNs() - ((age ?? Lasting).Ticks * 100) };
            _idle = ReadStatus.Unchanged;
        }

        Wake();
    }

    /// <summary>Uses numbers up as values would that nobody saw.</summary>
    public void Skip(uint count)
    {
        lock (_lock)
        {
            Sequence += count;
        }
    }

    /// <summary>A new life of the writer: another epoch, numbers from 1.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            Epoch++;
            Sequence = 0;
        }
    }

    /// <summary>From now on reads say this.</summary>
    public void Say(ReadStatus status, Rejection rejection = default)
    {
        lock (_lock)
        {
            _idle = status;
            _payload = status is ReadStatus.NotReady or ReadStatus.Rejected ? null : _payload;
            _info.Rejection = rejection;
        }

        Wake();
    }

    public IReader OpenReader()
    {
        Readers++;
        return new Reader(this);
    }

    public ChannelEntry Entry => new()
    {
        Name = spec.Name.Value,
        MessageId = spec.MessageId,
        Path = "/memory/" + spec.Name,
        State = "live",
        WriterPid = Environment.ProcessId,
        Epoch = Epoch,
        Sequence = Sequence,
        PublishedMonoNs = _info.PublishedMonoNs,
        PayloadBytes = _payload?.Length ?? 0,
        Delivery = spec.Delivery,
        Period = spec.Period,
    };

    private void Wake()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private sealed class Reader(MemoryChannel channel) : IReader
    {
        private ulong _epoch, _sequence;

        public ChannelSpec Channel => channel.Spec;

        public PayloadEncoding Encoding => channel.Encoding;

        public ChannelCounters Counters { get; } = new();

        public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
        {
            lock (channel._lock)
            {
                info = channel._info;
                var isNew = info.Epoch != _epoch || info.Sequence != _sequence;
                if (channel._payload is null || !isNew || channel._idle != ReadStatus.Unchanged)
                {
                    return channel._idle;
                }

                info.Missed = info.Epoch == _epoch ? info.Sequence - _sequence - 1 : 0;
                var rejection = decoder.Decode(channel._payload);
                (_epoch, _sequence) = (info.Epoch, info.Sequence);
                if (!rejection.IsNone)
                {
                    info.Rejection = rejection;
                    Counters.CountReject(rejection.Reason);
                    return ReadStatus.Rejected;
                }

                Counters.Values++;
                Counters.Lost += (long)info.Missed;
                return ReadStatus.Fresh;
            }
        }

        public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
        {
            Task changed;
            lock (channel._lock)
            {
                if (channel._payload is not null && channel._idle == ReadStatus.Unchanged && (channel._info.Epoch != _epoch || channel._info.Sequence != _sequence))
                {
                    return true;
                }

                changed = channel._changed.Task;
            }

            await Task.WhenAny(changed, Task.Delay(50, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            return true;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
