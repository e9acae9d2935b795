using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Omnisight.Api.Rest.Channels;

/// <summary>All channels the API looks at. The usual ones are read from the start, others from the first request until a minute after the last.</summary>
internal sealed partial class ChannelFeeds
{
    /// <summary>What the API's own paths show.</summary>
    public static readonly string[] Usual = ["detections", "tracks", "timelines", "stats", "status", "plugins", "config"];

    /// <summary>A client may name any channel; each costs a loop and a reader.</summary>
    private const int MostFeeds = 64;
    private const long IdleNs = 60_000_000_000;

    private readonly IModuleContext _context;
    private readonly ChannelCatalog _catalog;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly ConcurrentDictionary<string, Running> _feeds = new();
    private readonly Lock _opening = new();

    private sealed record Running(ChannelFeed Feed, CancellationTokenSource Stop, Task Loop);

    public ChannelFeeds(IModuleContext context, ChannelCatalog catalog, ILogger logger, CancellationToken stop)
    {
        _context = context;
        _catalog = catalog;
        _logger = logger;
        _stop = stop;
        foreach (var name in Usual)
        {
            _ = Open(name, out _);
        }
    }

    /// <summary>The feeds that run.</summary>
    public IEnumerable<ChannelFeed> Open() => _feeds.Values.Select(r => r.Feed);

    /// <summary>The feed of a channel if it runs.</summary>
    public ChannelFeed? Find(string name) => _feeds.TryGetValue(name, out var running) ? running.Feed : null;

    /// <summary>The feed of a channel, started when need be; null with the reason.</summary>
    public ChannelFeed? Open(string name, out FeedRefusal refusal)
    {
        refusal = FeedRefusal.None;
        if (_feeds.TryGetValue(name, out var running))
        {
            // Either the sweep sees that it was asked for, or this sees that it was taken away.
            Interlocked.Exchange(ref running.Feed.LastAskedNs, MonotonicClock.NowNs(_context.Time));
            if (_feeds.TryGetValue(name, out var still) && still == running)
            {
                return running.Feed;
            }
        }

        lock (_opening)
        {
            if (_feeds.TryGetValue(name, out running))
            {
                Interlocked.Exchange(ref running.Feed.LastAskedNs, MonotonicClock.NowNs(_context.Time));
                return running.Feed;
            }

            return Start(name, out refusal);
        }
    }

    /// <summary>Waits for the loops to end after the stop.</summary>
    public Task CompletionAsync() => Task.WhenAll(_feeds.Values.Select(r => r.Loop));

    /// <summary>Ends the feeds nobody asked for lately.</summary>
    public void Sweep()
    {
        var now = MonotonicClock.NowNs(_context.Time);
        foreach (var (name, running) in _feeds)
        {
            lock (_opening)
            {
                if (Usual.Contains(name) || !IsIdle() || !_feeds.TryRemove(name, out _))
                {
                    continue;
                }

                if (!IsIdle())
                {
                    _feeds[name] = running; // somebody has just got it
                    continue;
                }
            }

            running.Stop.Cancel();
            _ = running.Loop.ContinueWith(_ => running.Stop.Dispose(), TaskScheduler.Default);

            bool IsIdle() => !running.Feed.HasListeners && now - Interlocked.Read(ref running.Feed.LastAskedNs) > IdleNs;
        }
    }

    private ChannelFeed? Start(string name, out FeedRefusal refusal)
    {
        refusal = FeedRefusal.UnknownChannel;
        if (!ChannelName.TryParse(name, out var channel))
        {
            return null;
        }

        // The list is kept for half a second, so a client that invents names costs no look at the disk each.
        var entry = _catalog.Find(name);
        if (entry is null && !Usual.Contains(name))
        {
            return null;
        }

        // Two readers of a stream would take messages from each other.
        if (entry is { Delivery: Delivery.Stream })
        {
            refusal = FeedRefusal.Stream;
            return null;
        }

        if (_feeds.Count >= MostFeeds)
        {
            refusal = FeedRefusal.TooMany;
            return null;
        }

        if (OpenReader(channel) is not { } reader)
        {
            return null;
        }

        if (_context.FindFormat(reader.Channel.MessageId) is not { } format)
        {
            refusal = FeedRefusal.NoCodec;
            _ = reader.DisposeAsync().AsTask();
            return null;
        }

        var feed = new ChannelFeed(reader, format, _context.Time, _logger) { LastAskedNs = MonotonicClock.NowNs(_context.Time) };
        // Whoever asked for the channel is answered at once: with what is there, not with what the loop will find.
        feed.LookOnce();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        _feeds[name] = new Running(feed, stop, Task.Run(() => feed.RunAsync(stop.Token), CancellationToken.None));
        refusal = FeedRefusal.None;
        return feed;
    }

    private IReader? OpenReader(ChannelName channel)
    {
        try
        {
            return _context.OpenReader(channel);
        }
        catch (TransportException e)
        {
            LogNoReader(_logger, channel, e.Message);
            return null;
        }
    }

    [LoggerMessage(EventId = 6105, Level = LogLevel.Warning, Message = "channel '{Channel}' can't be read: {Reason}")]
    private static partial void LogNoReader(ILogger logger, ChannelName channel, string reason);
}

/// <summary>Why a channel can't be looked at.</summary>
internal enum FeedRefusal
{
    None,

    /// <summary>No transport carries it.</summary>
    UnknownChannel,

    /// <summary>It is a stream of messages, not a value.</summary>
    Stream,

    /// <summary>No loaded plugin knows its message.</summary>
    NoCodec,

    /// <summary>Too many channels are looked at already.</summary>
    TooMany,
}
