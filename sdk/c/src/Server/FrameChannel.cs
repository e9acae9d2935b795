using Omnisight.Messages;

namespace Omnisight.Sdk;

/// <summary>One frame channel of a server: takes C's array, encodes and publishes it. Thread-safe.</summary>
internal sealed unsafe class FrameChannel<TFrame, TElement> : IAsyncDisposable
    where TFrame : ElementFrame<TElement>, new()
    where TElement : unmanaged
{
    private readonly Lock _gate = new();
    private readonly IPublisher _bytes;
    private readonly Publisher<TFrame> _publisher;
    private readonly int _capacity;
    private long _errors;

    public FrameChannel(ITransport transport, FrameCodec<TFrame, TElement> codec, int version, int capacity)
    {
        _capacity = capacity;
        _bytes = transport.OpenPublisher(codec.DefaultChannel with
        {
            MessageId = new MessageId(codec.Name, version).ToString(),
            Capacity = capacity,
            MaxPayloadBytes = codec.MaxBytes(version, capacity, PayloadEncoding.Binary),
        });
        _publisher = new Publisher<TFrame>(_bytes, codec);
    }

    /// <summary>The frame that is published next: its header belongs to whoever holds the lock.</summary>
    public TFrame Frame { get; } = new();

    public Lock Gate => _gate;

    public ChannelCounters Counters => _bytes.Counters;

    public ChannelSpec Spec => _bytes.Channel;

    public string Name => Spec.Name.Value;

    public long Errors => Volatile.Read(ref _errors);

    /// <summary>Publishes the elements under the frame's header. Call it with the lock held.</summary>
    public PublishResult Publish(TElement* elements, int count)
    {
        new ReadOnlySpan<TElement>(elements, count).CopyTo(Frame.Resize(count));

        // Here and not in the encoder: a version 1 frame has room for more than the capacity that was asked for.
        var leftOut = FrameBinary.Limit(Frame, _capacity);
        Frame.Truncated = (uint)leftOut;
        Counters.Truncated += leftOut;
        var result = _publisher.Publish(Frame);
        if (result != PublishResult.Published)
        {
            _errors++;
        }

        return result;
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return _bytes.DisposeAsync();
        }
    }
}
