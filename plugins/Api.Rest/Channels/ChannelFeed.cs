using Microsoft.Extensions.Logging;
using Omnisight.Api.Rest.Telemetry;

namespace Omnisight.Api.Rest.Channels;

/// <summary>
/// One channel as the API sees it: a loop reads it and leaves the newest value as bytes; requests and streams only look.
/// Nothing that a request does can wait for the writer.
/// </summary>
internal sealed partial class ChannelFeed
{
    private static readonly TimeSpan RetryAfterFault = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfterContention = TimeSpan.FromMilliseconds(1);

    /// <summary>Of a request that opens a channel whose writer is in the act.</summary>
    private const int MostTries = 100;

    private readonly IReader _reader;
    private readonly PayloadJson _payload;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Warnings _warnings;
    private readonly long _staleNs;
    private readonly long _staleAfterNs;
    private readonly Lock _listening = new();
    private Action<ChannelFeed>[] _listeners = [];
    private volatile Snapshot? _current;
    private volatile int _status = (int)ReadStatus.NotReady;
    private Rejection _rejection;
    private long _silentSinceNs;
    private ReadStatus _told = ReadStatus.NotReady;

    public ChannelFeed(IReader reader, IMessageFormat format, TimeProvider time, ILogger logger)
    {
        _reader = reader;
        _payload = new PayloadJson(format, reader.Encoding);
        _time = time;
        _logger = logger;
        _warnings = new Warnings(time);
        _staleNs = (long)reader.Channel.StaleThreshold.TotalNanoseconds;
        _staleAfterNs = (long)reader.Channel.StaleAfter.TotalNanoseconds;
    }

    public ChannelSpec Channel => _reader.Channel;

    public ChannelCounters Counters => _reader.Counters;

    public ArrivalStatistics Arrivals { get; } = new();

    /// <summary>The last read's outcome.</summary>
    public ReadStatus Status => (ReadStatus)_status;

    /// <summary>The newest value, whatever its age.</summary>
    public Snapshot? Current => _current;

    /// <summary>When somebody last asked for this channel, on the monotonic clock.</summary>
    public long LastAskedNs;

    /// <summary>Called after each new value on the feed's loop: be quick, don't throw.</summary>
    public void Subscribe(Action<ChannelFeed> listener)
    {
        lock (_listening)
        {
            _listeners = [.. _listeners, listener];
        }
    }

    public void Unsubscribe(Action<ChannelFeed> listener)
    {
        lock (_listening)
        {
            _listeners = [.. _listeners.Where(l => l != listener)];
        }
    }

    public bool HasListeners => Volatile.Read(ref _listeners).Length > 0;

    /// <summary>What a request is answered with now.</summary>
    public Availability Look() => Look(MonotonicClock.NowNs(_time));

    public Availability Look(long nowNs)
    {
        var status = Status;
        var snapshot = _current;
        if (status == ReadStatus.WriterStopped)
        {
            return Availability.None("writer_stopped", $"the writer of channel '{Channel.Name}' closed it");
        }

        if (snapshot is null)
        {
            // A writer that is gone by now leaves what it was rejected for.
            return !_rejection.IsNone
                ? Availability.None(_rejection.Label, $"channel '{Channel.Name}': {_rejection}")
                : Availability.None("not_ready", $"nothing was published on channel '{Channel.Name}' yet");
        }

        var age = Math.Max(0, nowNs - snapshot.PublishedMonoNs);
        // Without a rhythm, only the writer's silence can make a value stale.
        var silent = Channel.Period > TimeSpan.Zero ? age : _silentSinceNs == 0 ? 0 : nowNs - _silentSinceNs;
        if (silent > _staleAfterNs)
        {
            return status == ReadStatus.Rejected
                ? Availability.None(_rejection.Label, $"channel '{Channel.Name}': {_rejection}")
                : Availability.None("writer_stale", $"the last value of channel '{Channel.Name}' is {age / 1_000_000} ms old");
        }

        return Availability.Of(snapshot, Channel.Period > TimeSpan.Zero ? age > _staleNs : silent > 0, TimeSpan.FromTicks(age / 100));
    }

    /// <summary>Reads what is there, before the loop runs.</summary>
    public void LookOnce()
    {
        try
        {
            for (var tries = 0; ReadOnce() == ReadStatus.Contended && tries < MostTries; tries++)
            {
            }
        }
        catch (Exception e)
        {
            // The loop meets it too, and tries again.
            LogFault(_logger, e, Channel.Name);
        }
    }

    /// <summary>Reads until it is stopped. Whatever a transport throws is logged and tried again.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    if (!await Round(stop))
                    {
                        return;
                    }
                }
                catch (Exception e) when (!stop.IsCancellationRequested)
                {
                    LogFault(_logger, e, Channel.Name);
                    await Task.Delay(RetryAfterFault, _time, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            await _reader.DisposeAsync();
        }
    }

    private ReadStatus ReadOnce()
    {
        var status = _reader.Read(_payload, out var info);
        if (status == ReadStatus.WriterStopped)
        {
            _current = null; // it is no value of the writer that comes next
        }

        if (status != ReadStatus.Fresh)
        {
            Note(status, info);
        }
        else
        {
            Arrivals.Record(MonotonicClock.NowNs(_time), info.PublishedMonoNs);
            if (_payload.Dropped > 0)
            {
                _reader.Counters.CountReject(RejectReason.Value);
            }

            // Not the other way round: nobody is to meet the value before this one as one of now.
            _current = new Snapshot(Channel, info, _payload.Json);
            Note(status, info);
            foreach (var listener in Volatile.Read(ref _listeners))
            {
                listener(this);
            }
        }

        return status;
    }

    private async ValueTask<bool> Round(CancellationToken stop)
    {
        switch (ReadOnce())
        {
            case ReadStatus.Fresh:
                // A stream channel may hold more messages already.
                return Channel.Delivery == Delivery.Stream || await _reader.WaitAsync(stop);
            case ReadStatus.Closed:
                return false;
            case ReadStatus.Contended:
                await Task.Delay(RetryAfterContention, _time, stop);
                return true;
            default:
                return await _reader.WaitAsync(stop);
        }
    }

    private void Note(ReadStatus status, in SampleInfo info)
    {
        if (status == ReadStatus.Rejected)
        {
            _rejection = info.Rejection;
            if (_payload.Fault is { } fault)
            {
                _payload.Fault = null;
                LogFormatFault(_logger, fault, Channel.Name, Channel.MessageId);
            }
        }

        if (status is ReadStatus.Fresh or ReadStatus.NotReady or ReadStatus.WriterStopped)
        {
            _rejection = Rejection.None;
        }

        if (status is ReadStatus.Fresh or ReadStatus.Unchanged or ReadStatus.Idle)
        {
            _silentSinceNs = 0;
        }
        else if (_silentSinceNs == 0 && status is ReadStatus.Stale or ReadStatus.WriterGone or ReadStatus.NotReady or ReadStatus.Rejected)
        {
            _silentSinceNs = MonotonicClock.NowNs(_time);
        }

        _status = (int)status;
        if (status == _told || status is ReadStatus.Unchanged or ReadStatus.Contended or ReadStatus.Idle)
        {
            return;
        }

        if (status != ReadStatus.Rejected)
        {
            var level = status switch
            {
                ReadStatus.WriterGone or ReadStatus.Stale => LogLevel.Warning,
                ReadStatus.WriterStopped => LogLevel.Information,
                _ => LogLevel.Debug,
            };
            LogStatus(_logger, level, Channel.Name, status);
        }
        else if (_warnings.ShouldTell(_rejection.Label))
        {
            LogRejected(_logger, Channel.Name, _rejection);
        }

        _told = status;
    }

    [LoggerMessage(EventId = 6101, Message = "channel '{Channel}': {Status}")]
    private static partial void LogStatus(ILogger logger, LogLevel level, ChannelName channel, ReadStatus status);

    [LoggerMessage(EventId = 6104, Level = LogLevel.Warning, Message = "channel '{Channel}' holds what can't be accepted: {Rejection}; further ones are counted, not logged, for a minute")]
    private static partial void LogRejected(ILogger logger, ChannelName channel, Rejection rejection);

    [LoggerMessage(EventId = 6102, Level = LogLevel.Error, Message = "reading channel '{Channel}' failed; trying again in 1 s")]
    private static partial void LogFault(ILogger logger, Exception e, ChannelName channel);

    [LoggerMessage(EventId = 6103, Level = LogLevel.Error, Message = "the codec of channel '{Channel}' ({MessageId}) threw; its value is rejected")]
    private static partial void LogFormatFault(ILogger logger, Exception e, ChannelName channel, string messageId);
}
