namespace Omnisight.Kernel.Tests;

/// <summary>Counts, and moves nothing: what is measured on it is what is put around it.</summary>
internal sealed class NullTransport : ITransport
{
    private static readonly ChannelSpec Spec = new BytesCodec().DefaultChannel;

    public TransportTraits Traits { get; } = new() { Encoding = PayloadEncoding.Binary, Latest = true };

    public NullPublisher Publisher { get; } = new();

    public NullReader Reader { get; } = new();

    public IPublisher OpenPublisher(ChannelSpec channel) => Publisher;

    public IReader OpenReader(ChannelSpec channel) => Reader;

    internal sealed class NullPublisher : IPublisher
    {
        public ChannelSpec Channel => Spec;

        public PayloadEncoding Encoding => PayloadEncoding.Binary;

        public ulong Epoch => 1;

        public ChannelCounters Counters { get; } = new();

        public bool Closed { get; private set; }

        public PublishResult Publish(ReadOnlySpan<byte> payload)
        {
            Counters.Values++;
            return PublishResult.Published;
        }

        public ValueTask DisposeAsync()
        {
            Closed = true;
            return default;
        }
    }

    internal sealed class NullReader : IReader
    {
        public ChannelSpec Channel => Spec;

        public PayloadEncoding Encoding => PayloadEncoding.Binary;

        public ChannelCounters Counters { get; } = new();

        public bool Closed { get; private set; }

        public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
        {
            info = default;
            return ReadStatus.NotReady;
        }

        public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => new(!Closed);

        public ValueTask DisposeAsync()
        {
            Closed = true;
            return default;
        }
    }
}
