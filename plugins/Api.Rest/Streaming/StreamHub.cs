using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>All clients of streams: cuts those that stall, keeps lines alive, ends everything at shutdown.</summary>
internal sealed partial class StreamHub(ILiveOptions<RestOptions> options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastEventWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private readonly ConcurrentDictionary<StreamSession, StreamKind> _sessions = new();
    private long _slow;
    private long _sent;
    private volatile bool _stopping;

    /// <summary>Clients that were cut because they did not read.</summary>
    public long Slow => Interlocked.Read(ref _slow);

    /// <summary>Values sent to all clients so far.</summary>
    public long Sent => Interlocked.Read(ref _sent) + _sessions.Keys.Sum(s => s.Sent);

    public int Count(StreamKind kind) => _sessions.Values.Count(k => k == kind);

    /// <summary>Runs a session to its end.</summary>
    public async Task Run(StreamSession session, StreamKind kind, string instance)
    {
        _sessions[session] = kind;
        if (_stopping)
        {
            session.Stop();
        }

        try
        {
            await session.Run(instance);
        }
        finally
        {
            _ = _sessions.TryRemove(session, out _);
            _ = Interlocked.Add(ref _sent, session.Sent);
        }
    }

    /// <summary>Sends every client its last event.</summary>
    public void Stop()
    {
        _stopping = true;
        foreach (var session in _sessions.Keys)
        {
            session.Stop();
        }
    }

    /// <summary>Watches until it is stopped, and sees to it then that no client that stalls can hold the shutdown.</summary>
    public async Task Watch(CancellationToken stop)
    {
        using (var timer = new PeriodicTimer(WatchEvery, time))
        {
            try
            {
                while (await timer.WaitForNextTickAsync(stop))
                {
                    Round();
                }
            }
            catch (OperationCanceledException)
            {
            }
        }

        var start = time.GetTimestamp();
        while (!_sessions.IsEmpty && time.GetElapsedTime(start) < LastEventWithin)
        {
            await Task.Delay(LookEvery, time, CancellationToken.None);
        }

        foreach (var session in _sessions.Keys)
        {
            session.Abort();
        }
    }

    private void Round()
    {
        var now = MonotonicClock.NowNs(time);
        var patience = (long)options.Current.StreamWriteTimeout.TotalNanoseconds;
        foreach (var session in _sessions.Keys)
        {
            if (session.WritingSinceNs is > 0 and var since && now - since > patience)
            {
                _ = Interlocked.Increment(ref _slow);
                LogSlow(logger, (now - since) / 1_000_000);
                session.Abort();
            }
            else if (now - session.LastWriteNs >= StreamSession.KeepAliveNs)
            {
                session.Nudge();
            }
        }
    }

    [LoggerMessage(EventId = 6301, Level = LogLevel.Information, Message = "a stream's client took nothing for {Milliseconds} ms and was cut")]
    private static partial void LogSlow(ILogger logger, long milliseconds);
}
