using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace Omnisight;

/// <summary>
/// The typed writing end of a channel: encodes into a buffer it reuses and hands the bytes to the transport.
/// Allocates nothing in steady state. Not thread-safe: one publisher belongs to one loop.
/// </summary>
/// <example><code>
/// var publisher = context.Publisher(new DetectionCodec(), ChannelName.Parse("detections"));
/// publisher?.Publish(frame);
/// </code></example>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "a JSON writer over an array buffer holds nothing to release")]
public sealed class Publisher<T>
{
    private readonly IPublisher _bytes;
    private readonly IMessageCodec<T> _codec;
    private readonly int _version;
    private readonly byte[] _buffer;
    private readonly ArrayBufferWriter<byte>? _json;
    private readonly Utf8JsonWriter? _writer;

    /// <summary>Puts a codec on a byte publisher. The version is the one in the channel's message id.</summary>
    /// <exception cref="ArgumentException">The codec does not know the channel's message id or version.</exception>
    public Publisher(IPublisher bytes, IMessageCodec<T> codec)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(codec);
        _bytes = bytes;
        _codec = codec;
        var id = MessageId.Parse(bytes.Channel.MessageId);
        _version = id.Version;
        if (id.Name != codec.Name || _version < codec.MinVersion || _version > codec.MaxVersion)
        {
            throw new ArgumentException(
                $"channel '{bytes.Channel.Name}' carries {bytes.Channel.MessageId}; this codec writes {codec.Name}/{codec.MinVersion} to {codec.MaxVersion}", nameof(codec));
        }

        if (bytes.Encoding == PayloadEncoding.Json)
        {
            _json = new ArrayBufferWriter<byte>(4096);
            _writer = new Utf8JsonWriter(_json, new JsonWriterOptions { SkipValidation = true });
            _buffer = [];
        }
        else
        {
            _buffer = GC.AllocateArray<byte>(bytes.Channel.MaxPayloadBytes, pinned: true);
        }
    }

    /// <summary>The channel.</summary>
    public ChannelSpec Channel => _bytes.Channel;

    /// <summary>Encodes and publishes one value.</summary>
    public PublishResult Publish(T value)
    {
        var start = Stopwatch.GetTimestamp();
        PublishResult result;
        if (_writer is null)
        {
            var length = _codec.Encode(value, _version, _buffer);
            result = length < 0 ? TooLarge() : _bytes.Publish(_buffer.AsSpan(0, length));
        }
        else
        {
            _json!.ResetWrittenCount();
            _writer.Reset();
            _codec.WriteJson(value, Channel.Capacity > 0 ? Channel.Capacity : int.MaxValue, _writer);
            _writer.Flush();
            result = _bytes.Publish(_json.WrittenSpan);
        }

        if (value is IPartialPayload { LeftOut: > 0 and var leftOut })
        {
            _bytes.Counters.Truncated += leftOut;
        }

        _bytes.Counters.PublishLatency.Record(Stopwatch.GetTimestamp() - start);
        return result;
    }

    /// <summary>What does not even get to the transport is counted like what the transport refuses.</summary>
    private PublishResult TooLarge()
    {
        _bytes.Counters.Lost++;
        return PublishResult.TooLarge;
    }
}
