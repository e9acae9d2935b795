using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Omnisight.Api.Rest.Channels;

/// <summary>
/// One value of a channel as the bytes that clients get: built once, shared by every request and stream. Immutable
/// (the stale variant and filtered bodies are made when first asked for).
/// </summary>
internal sealed class Snapshot
{
    private const int MostFilteredBodies = 16;
    private static readonly byte[] Open = "{\"status\":\"success\",\"data\":{\"stale\":"u8.ToArray();
    private static readonly int DataStart = "{\"status\":\"success\",\"data\":"u8.Length;

    private readonly ConcurrentDictionary<(ElementFilter Filter, bool Stale), byte[]> _filtered = new();
    private readonly ConcurrentDictionary<string, byte[]> _derived = new();
    private readonly byte[] _fresh;
    private byte[]? _stale;
    private ElementIndex? _index;
    private byte[]? _event, _staleEvent;
    private byte[]? _message, _staleMessage;

    /// <summary>Wraps one JSON object.</summary>
    public Snapshot(ChannelSpec channel, in SampleInfo info, ReadOnlySpan<byte> json)
    {
        Channel = channel;
        Epoch = info.Epoch;
        Sequence = info.Sequence;
        PublishedMonoNs = info.PublishedMonoNs;
        var members = json[1..].TrimStart(" \t\r\n"u8);
        _fresh = Compose("false"u8, members);
        FreshTag = $"\"{Epoch:x}-{Sequence}-0\"";
        StaleTag = $"\"{Epoch:x}-{Sequence}-1\"";
    }

    public ChannelSpec Channel { get; }

    public ulong Epoch { get; }

    public ulong Sequence { get; }

    public long PublishedMonoNs { get; }

    /// <summary>Entity tags, ready as header values.</summary>
    public StringValues FreshTag { get; }

    public StringValues StaleTag { get; }

    /// <summary>The whole response body.</summary>
    public byte[] Body(bool stale) => stale ? _stale ??= MakeStale() : _fresh;

    /// <summary>The data object alone: what a stream sends.</summary>
    public ReadOnlyMemory<byte> Data(bool stale)
    {
        var body = Body(stale);
        return body.AsMemory(DataStart, body.Length - DataStart - 1);
    }

    /// <summary>The body with only the elements that pass.</summary>
    public byte[] Filtered(ElementFilter filter, bool stale)
    {
        if (_filtered.TryGetValue((filter, stale), out var body))
        {
            return body;
        }

        _index ??= ElementIndex.Of(_fresh);
        // The stale variant is one byte shorter before the elements ("true" for "false").
        body = _index.Select(Body(stale), stale ? -1 : 0, filter);
        if (_filtered.Count < MostFilteredBodies)
        {
            _filtered[(filter, stale)] = body;
        }

        return body;
    }

    /// <summary>Bytes made from this value once (a part of it, a summary).</summary>
    public byte[] Derived(string name, Func<Snapshot, byte[]> make) => _derived.GetOrAdd(name, static (_, a) => a.make(a.self), (make, self: this));

    /// <summary>The value as a server-sent event.</summary>
    public byte[] Event => _event ??= MakeEvent(stale: false);

    /// <summary>The value as a WebSocket message.</summary>
    public byte[] Message => _message ??= MakeMessage(stale: false);

    /// <summary>For a client that comes when the value is stale already.</summary>
    public byte[] StaleEvent => _staleEvent ??= MakeEvent(stale: true);

    public byte[] StaleMessage => _staleMessage ??= MakeMessage(stale: true);

    private static byte[] Compose(ReadOnlySpan<byte> stale, ReadOnlySpan<byte> members)
    {
        var empty = members is [(byte)'}'];
        var body = new byte[Open.Length + stale.Length + (empty ? 0 : 1) + members.Length + 1];
        var rest = body.AsSpan();
        Append(ref rest, Open);
        Append(ref rest, stale);
        if (!empty)
        {
            Append(ref rest, ","u8);
        }

        Append(ref rest, members);
        Append(ref rest, "}"u8);
        return body;
    }

    private byte[] MakeStale()
    {
        var rest = _fresh.AsSpan(Open.Length + "false".Length);
        return [.. Open, .. "true"u8, .. rest];
    }

    private byte[] MakeEvent(bool stale) =>
        [.. Encoding.UTF8.GetBytes($"event: {EventName}\nid: {Channel.Name}/{Epoch:x}-{Sequence}\ndata: "), .. Data(stale).Span, .. "\n\n"u8];

    private byte[] MakeMessage(bool stale) =>
        [.. Encoding.UTF8.GetBytes($"{{\"event\":\"value\",\"channel\":\"{Channel.Name}\",\"epoch\":\"{Epoch:x}\",\"sequence\":{Sequence},\"data\":"), .. Data(stale).Span, .. "}"u8];

    /// <summary>A channel may be called what the stream calls its own events; then its values are told apart by a prefix.</summary>
    private string EventName => Channel.Name.Value is "hello" or "gap" or "reset" or "end" or "message" or "error" or "open" ? "channel." + Channel.Name : Channel.Name.Value;

    private static void Append(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }
}
