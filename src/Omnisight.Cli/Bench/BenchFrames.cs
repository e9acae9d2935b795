namespace Omnisight.Cli.Bench;

/// <summary>A channel of frames that go through their codec.</summary>
internal sealed class BenchFrames<T>(IMessageCodec<T> codec, int elements, BenchFrames<T>.Filler fill, BenchFrames<T>.Looker look) : BenchChannel
    where T : class, new()
{
    public delegate void Filler(T frame, int count, ulong number, ulong stamp);

    public delegate bool Looker(T frame, ulong number, out ulong stamp);

    public override byte[] Sample()
    {
        var frame = new T();
        fill(frame, elements, 1, 1);
        var bytes = new byte[Spec.MaxPayloadBytes];
        var length = codec.Encode(frame, MessageId.Parse(Spec.MessageId).Version, bytes);
        return bytes[..length];
    }

    public override BenchWriter OpenWriter(ITransport transport) => new Writer(this, transport.OpenPublisher(Spec));

    public override BenchReader OpenReader(ITransport transport, BenchMode mode) =>
        mode == BenchMode.Lease ? new Leaser(this, transport.OpenReader(Spec)) : new Decoder(this, transport.OpenReader(Spec));

    private sealed class Writer(BenchFrames<T> channel, IPublisher bytes) : BenchWriter
    {
        private readonly Publisher<T> _publisher = new(bytes, channel.Codec);
        private readonly T _frame = new();
        private ulong _number;

        public override void Prepare(ulong number)
        {
            _number = number;
            channel.Fill(_frame, channel.Elements, number, Warm);
        }

        public override void Publish(ulong stamp)
        {
            if (stamp != Warm)
            {
                channel.Fill(_frame, channel.Elements, _number, stamp);
            }

            _ = _publisher.Publish(_frame);
        }

        public override ValueTask DisposeAsync() => bytes.DisposeAsync();
    }

    private sealed class Decoder(BenchFrames<T> channel, IReader bytes) : BenchReader
    {
        private readonly Reader<T> _reader = new(bytes, channel.Codec);

        public override IReader Bytes => bytes;

        public override bool TryTake() => _reader.Read() == ReadStatus.Fresh;

        public override bool TryTake(out ulong sequence, out ulong missed, out ulong stamp, out bool whole)
        {
            var fresh = _reader.Read(out var info) == ReadStatus.Fresh;
            (sequence, missed, stamp, whole) = (info.Sequence, info.Missed, 0, true);
            if (fresh)
            {
                whole = channel.Look(_reader.Latest.Value, info.Sequence, out stamp);
            }

            return fresh;
        }
    }

    /// <summary>Takes leases, and decodes them only to check what they hold.</summary>
    private sealed class Leaser(BenchFrames<T> channel, IReader bytes) : BenchReader
    {
        private readonly ILeasingReader _reader = (ILeasingReader)bytes;
        private readonly T _frame = new();

        public override IReader Bytes => bytes;

        public override bool TryTake() => _reader.TryLease(out var lease) == ReadStatus.Fresh && lease.Validate();

        public override bool TryTake(out ulong sequence, out ulong missed, out ulong stamp, out bool whole)
        {
            var fresh = _reader.TryLease(out var lease) == ReadStatus.Fresh;
            (sequence, missed, stamp, whole) = (lease.Info.Sequence, lease.Info.Missed, 0, true);
            if (!fresh)
            {
                return false;
            }

            var rejection = channel.Codec.Decode(lease.Payload, _frame);
            if (!lease.Validate())
            {
                return false;
            }

            whole = rejection.IsNone && channel.Look(_frame, sequence, out stamp);
            return true;
        }
    }

    private IMessageCodec<T> Codec => codec;

    private int Elements => elements;

    private void Fill(T frame, int count, ulong number, ulong stamp) => fill(frame, count, number, stamp);

    private bool Look(T frame, ulong number, out ulong stamp) => look(frame, number, out stamp);
}
