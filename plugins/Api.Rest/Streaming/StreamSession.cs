using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Hosting;
using Omnisight.Api.Rest.Security;
using Omnisight.Commands;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>
/// One client of a stream. It keeps no queue: when it is woken it sends what is newest in each of its channels, and what it was
/// too slow for it is told as a gap.
/// </summary>
internal sealed class StreamSession
{
    /// <summary>Fifteen seconds are promised, and the hub looks once a second.</summary>
    public const long KeepAliveNs = 14_000_000_000;

    private const long KeepAliveMs = 15_000;

    private readonly StreamRequest _request;
    private readonly IStreamSink _sink;
    private readonly TimeProvider _time;
    private readonly HttpContext _context;
    private readonly Wake _wake = new();
    private readonly Place[] _places;
    private ITimer? _due;
    private long _writingSinceNs;
    private long _lastWriteNs;
    private volatile string? _endReason;
    private volatile bool _wasCut, _left;

    private struct Place
    {
        public bool Started;
        public ulong Epoch, Sequence;
        public long NextNs;
    }

    public StreamSession(StreamRequest request, IStreamSink sink, HttpContext context, TimeProvider time)
    {
        Key = Gate.CallerOf(context).Key;
        _request = request;
        _sink = sink;
        _context = context;
        _time = time;
        _places = new Place[request.Feeds.Count];
    }

    /// <summary>Since when the client has not taken what it was sent; 0 = it keeps up.</summary>
    public long WritingSinceNs => Volatile.Read(ref _writingSinceNs);

    /// <summary>When something was last sent.</summary>
    public long LastWriteNs => Volatile.Read(ref _lastWriteNs);

    /// <summary>Values sent so far.</summary>
    public long Sent { get; private set; }

    /// <summary>Look again: there is something new, or a keep-alive is due.</summary>
    public void Nudge() => _wake.Signal();

    /// <summary>The key that opened it; null = none was needed.</summary>
    public AccessKey? Key { get; }

    /// <summary>Was it cut because its client did not read?</summary>
    public bool WasSlow => _wasCut || SendWatch.WasCut(_context);

    /// <summary>Why it ended, as its client was told; null = the client left, or it goes on.</summary>
    public string? EndReason => _endReason;

    /// <summary>Send the last event with its reason, and end.</summary>
    public void End(string reason)
    {
        _endReason ??= reason;
        _wake.Signal();
    }

    /// <summary>The client says goodbye.</summary>
    public void Leave()
    {
        _left = true;
        _wake.Signal();
    }

    /// <summary>The client does not read.</summary>
    public void Cut()
    {
        _wasCut = true;
        Abort();
    }

    public void Abort() => _context.Abort();

    /// <summary>Runs until the client leaves or the API stops.</summary>
    public async Task Run(string instance)
    {
        var aborted = _context.RequestAborted;
        await using var leaving = aborted.UnsafeRegister(static s => ((StreamSession)s!).Nudge(), this);
        foreach (var feed in _request.Feeds)
        {
            feed.Subscribe(Look);
        }

        try
        {
            await Written(_sink.Event("hello", Hello(instance)));
            _ = await Send();
            await Flush();
            while (!aborted.IsCancellationRequested)
            {
                await _wake.WaitAsync();
                if (aborted.IsCancellationRequested || _left)
                {
                    return;
                }

                if (_endReason is { } reason)
                {
                    await Written(_sink.Event("end", Encoding.ASCII.GetBytes($"{{\"reason\":\"{reason}\"}}")));
                    await Flush();
                    return;
                }

                if (await Send() || await KeepAlive())
                {
                    await Flush();
                }
            }
        }
        finally
        {
            foreach (var feed in _request.Feeds)
            {
                feed.Unsubscribe(Look);
            }

            if (_due is not null)
            {
                await _due.DisposeAsync();
            }
        }
    }

    private void Look(ChannelFeed feed) => _wake.Signal();

    private async ValueTask<bool> Send()
    {
        var now = MonotonicClock.NowNs(_time);
        var wrote = false;
        var soonest = long.MaxValue;
        for (var i = 0; i < _places.Length; i++)
        {
            var seen = _request.Feeds[i].Look(now);
            if (seen.Snapshot is not { } snapshot || (_places[i].Started && snapshot.Epoch == _places[i].Epoch && snapshot.Sequence == _places[i].Sequence))
            {
                continue;
            }

            if (now < _places[i].NextNs)
            {
                soonest = Math.Min(soonest, _places[i].NextNs);
                continue;
            }

            await Announce(snapshot, _places[i]);
            _places[i] = new Place { Started = true, Epoch = snapshot.Epoch, Sequence = snapshot.Sequence, NextNs = Next(_places[i].NextNs, now) };
            await Written(_sink.Value(snapshot, seen.Stale));
            Sent++;
            wrote = true;
            now = MonotonicClock.NowNs(_time); // a client that took its time
        }

        if (soonest != long.MaxValue)
        {
            ComeBackIn(soonest - now);
        }

        return wrote;
    }

    /// <summary>Keeps the rhythm rather than adding each time's delay to the next.</summary>
    private long Next(long dueNs, long nowNs) =>
        _request.MinimumIntervalNs == 0 ? 0 : nowNs - dueNs < _request.MinimumIntervalNs ? dueNs + _request.MinimumIntervalNs : nowNs + _request.MinimumIntervalNs;

    private ValueTask Announce(Snapshot snapshot, Place place)
    {
        if (!place.Started)
        {
            return ValueTask.CompletedTask;
        }

        if (snapshot.Epoch != place.Epoch)
        {
            return Written(_sink.Event("reset", Encoding.UTF8.GetBytes($"{{\"channel\":\"{snapshot.Channel.Name}\",\"epoch\":\"{snapshot.Epoch:x}\"}}")));
        }

        // With max_hz the client asked to miss values.
        return _request.MinimumIntervalNs == 0 && snapshot.Sequence > place.Sequence + 1
            ? Written(_sink.Event("gap", Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{{\"channel\":\"{snapshot.Channel.Name}\",\"dropped\":{snapshot.Sequence - place.Sequence - 1}}}"))))
            : ValueTask.CompletedTask;
    }

    private async ValueTask<bool> KeepAlive()
    {
        if (MonotonicClock.NowNs(_time) - LastWriteNs < KeepAliveNs)
        {
            return false;
        }

        await Written(_sink.KeepAlive());
        return true;
    }

    private ValueTask Flush()
    {
        Volatile.Write(ref _lastWriteNs, MonotonicClock.NowNs(_time));
        return Written(_sink.Flush());
    }

    /// <summary>A write that does not complete at once is a client that does not read: the hub watches how long.</summary>
    private ValueTask Written(ValueTask write) => write.IsCompletedSuccessfully ? write : Waiting(write);

    private async ValueTask Waiting(ValueTask write)
    {
        Volatile.Write(ref _writingSinceNs, MonotonicClock.NowNs(_time));
        try
        {
            await write;
        }
        finally
        {
            Volatile.Write(ref _writingSinceNs, 0);
        }
    }

    private void ComeBackIn(long ns)
    {
        var delay = TimeSpan.FromTicks((ns / 100) + 1);
        if (_due is null)
        {
            _due = _time.CreateTimer(static s => ((StreamSession)s!).Nudge(), this, delay, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _ = _due.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private byte[] Hello(string instance)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, PayloadJson.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("instance"u8, instance);
        writer.WriteNumber("keep_alive_ms"u8, KeepAliveMs);
        writer.WriteStartArray("channels"u8);
        foreach (var feed in _request.Feeds)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, feed.Channel.Name.Value);
            writer.WriteString("message_id"u8, feed.Channel.MessageId);
            writer.WriteNumber("period_ms"u8, feed.Channel.Period.TotalMilliseconds);
            writer.WriteNumber("stale_ms"u8, feed.Channel.StaleThreshold.TotalMilliseconds);
            writer.WriteNumber("stale_after_ms"u8, feed.Channel.StaleAfter.TotalMilliseconds);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (_request.Missing.Count > 0)
        {
            writer.WriteStartArray("missing"u8);
            foreach (var name in _request.Missing)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
