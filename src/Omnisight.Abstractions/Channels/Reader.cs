namespace Omnisight;

/// <summary>
/// The typed reading end of a channel: the transport's bytes decoded into two values that take turns, so that the last
/// good one survives a frame that turns out torn or invalid. Allocates nothing in steady state. Not thread-safe.
/// </summary>
/// <example><code>
/// while (await reader.WaitAsync(cancellationToken))
///     if (reader.Read() == ReadStatus.Fresh) Use(reader.Latest.Value);
/// </code></example>
public sealed class Reader<T> : IPayloadDecoder, IAsyncDisposable
    where T : class, new()
{
    private readonly IReader _bytes;
    private readonly IMessageCodec<T> _codec;
    private readonly bool _isJson;
    private T _front = new();
    private T _back = new();
    private SampleInfo _info;

    /// <summary>Puts a codec on a byte reader, which it then owns.</summary>
    public Reader(IReader bytes, IMessageCodec<T> codec)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(codec);
        _bytes = bytes;
        _codec = codec;
        _isJson = bytes.Encoding == PayloadEncoding.Json;
    }

    /// <summary>The channel.</summary>
    public ChannelSpec Channel => _bytes.Channel;

    /// <summary>The byte reader below, for its capabilities (<see cref="IBlockingReader"/>, <see cref="ILeasingReader"/>).</summary>
    public IReader Bytes => _bytes;

    /// <summary>True once a value was read.</summary>
    public bool HasValue => _info.Sequence != 0;

    /// <summary>The last good value. It outlives the next <see cref="Read()"/> that returns Fresh; what is read after that one, good or not, is decoded into it.</summary>
    public Sample<T> Latest => new(_front, _info);

    /// <summary>Takes the newest value (Latest) or the next message (Stream) if there is one.</summary>
    public ReadStatus Read() => Read(out _);

    /// <summary>As <see cref="Read()"/>; <paramref name="info"/> also tells why a value was rejected.</summary>
    public ReadStatus Read(out SampleInfo info)
    {
        var status = _bytes.Read(this, out info);
        if (status == ReadStatus.Fresh)
        {
            (_front, _back) = (_back, _front);
            _info = info;
            if (_front is IPartialPayload { Dropped: > 0 })
            {
                _bytes.Counters.CountReject(RejectReason.Value);
            }
        }

        return status;
    }

    /// <summary>Waits until there may be something new; false when the reader was closed.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _bytes.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _bytes.DisposeAsync();

    Rejection IPayloadDecoder.Decode(ReadOnlySpan<byte> payload) =>
        _isJson ? _codec.ReadJson(payload, _back) : _codec.Decode(payload, _back);
}
