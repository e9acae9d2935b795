using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Omnisight.Api.Rest.Hosting;
using Omnisight.Api.Rest.Security;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>All clients of streams: cuts those that stall or whose key is gone, keeps lines alive, ends everything at shutdown.</summary>
internal sealed partial class StreamHub(ILiveOptions<RestOptions> options, KeyRing keys, SendWatch connections, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    /// <summary>A thousand clients on a busy machine take more than a second; the server waits two before it aborts.</summary>
    private static readonly TimeSpan LastEventWithin = TimeSpan.FromMilliseconds(1800);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private readonly ConcurrentDictionary<StreamSession, StreamKind> _sessions = new();
    private readonly Lock _counting = new();
    private long _slow;
    private long _sent;
    private volatile bool _stopping;

    /// <summary>Clients that were cut because they did not read.</summary>
    public long Slow => Interlocked.Read(ref _slow);

    /// <summary>Values sent to all clients so far; never goes back, whoever leaves meanwhile.</summary>
    public long Sent
    {
        get
        {
            lock (_counting)
            {
                return _sent + _sessions.Keys.Sum(s => s.Sent);
            }
        }
    }

    /// <summary>Watches the connections below the streams.</summary>
    public SendWatch Connections => connections;

    /// <summary>True when there are as many as there may be connections: HTTP/2 carries many in one.</summary>
    public bool IsFull => _sessions.Count >= options.Current.MaxConnections;

    public int Count(StreamKind kind) => _sessions.Values.Count(k => k == kind);

    /// <summary>Runs a session to its end.</summary>
    public async Task Run(StreamSession session, StreamKind kind, string instance)
    {
        _sessions[session] = kind;
        if (_stopping)
        {
            session.End("shutdown");
        }

        try
        {
            await session.Run(instance);
        }
        finally
        {
            lock (_counting)
            {
                _ = _sessions.TryRemove(session, out _);
                _sent += session.Sent;
            }

            if (session.WasSlow)
            {
                _ = Interlocked.Increment(ref _slow);
                LogSlow(logger, session.Sent);
            }
        }
    }

    /// <summary>Sends every client its last event.</summary>
    public void Stop()
    {
        _stopping = true;
        foreach (var session in _sessions.Keys)
        {
            session.End("shutdown");
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
        connections.Round(now, patience);
        foreach (var session in _sessions.Keys)
        {
            // What the connection below can't see: a stream whose own window is shut, in HTTP/2.
            if (session.WritingSinceNs is > 0 and var since && now - since >= patience)
            {
                session.Cut();
            }
            else if (session.Key is { } key && !keys.StillReads(key))
            {
                session.End("unauthorized");
            }
            else if (now - session.LastWriteNs >= StreamSession.KeepAliveNs)
            {
                session.Nudge();
            }
        }
    }

    [LoggerMessage(EventId = 6301, Level = LogLevel.Information, Message = "a stream's client stopped reading and was cut; it had been sent {Values} values")]
    private static partial void LogSlow(ILogger logger, long values);
}
