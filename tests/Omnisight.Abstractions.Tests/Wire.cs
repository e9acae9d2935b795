namespace Omnisight.Tests;

/// <summary>A channel of one value between a scripted publisher and a scripted reader.</summary>
internal sealed class Wire(PayloadEncoding encoding, string messageId = "test.number/1") : IPublisher, IReader
{
    private ulong _sequence, _taken;

    public byte[] Payload { get; private set; } = [];

    public ChannelSpec Channel { get; } = new() { Name = ChannelName.Parse("numbers"), MessageId = messageId, MaxPayloadBytes = 64 };

    public PayloadEncoding Encoding => encoding;

    public ulong Epoch => 9;

    public ChannelCounters Counters { get; } = new();

    /// <summary>The transport finds, after it decoded, that the bytes changed meanwhile.</summary>
    public bool IsTorn { get; set; }

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        Payload = payload.ToArray();
        _sequence++;
        return PublishResult.Published;
    }

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        info = new SampleInfo { Epoch = Epoch, Sequence = _taken };
        if (_taken == _sequence)
        {
            return ReadStatus.Unchanged;
        }

        info.Rejection = decoder.Decode(Payload);
        if (!info.Rejection.IsNone)
        {
            return ReadStatus.Rejected;
        }

        if (IsTorn)
        {
            return ReadStatus.Contended;
        }

        info.Sequence = _taken = _sequence;
        return ReadStatus.Fresh;
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => new(true);

    public ValueTask DisposeAsync() => default;
}
