using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Omnisight.Cli.Bench;

/// <summary>A channel of frames that go through their codec.</summary>
internal sealed class BenchFrames<T>(IMessageCodec<T> codec, int elements, BenchFrames<T>.Filler fill, BenchFrames<T>.Looker look) : BenchChannel
    where T : class, new()
{
    public delegate void Filler(T frame, int count, ulong number);

    public delegate bool Looker(T frame, ulong number);

    public override byte[] Sample()
    {
        var bytes = new byte[Spec.MaxPayloadBytes];
        return bytes[..Encode(new T(), 1, bytes)];
    }

    public override BenchWriter OpenWriter(ITransport transport, bool encoded) =>
        encoded ? new BytesWriter(this, transport.OpenPublisher(Spec)) : new Writer(this, transport.OpenPublisher(Spec));

    public override BenchReader OpenReader(ITransport transport, BenchMode mode) =>
        mode == BenchMode.Lease ? new Leaser(this, transport.OpenReader(Spec)) : new Decoder(this, transport.OpenReader(Spec));

    private int Encode(T frame, ulong number, byte[] bytes)
    {
        fill(frame, elements, number);
        return codec.Encode(frame, MessageId.Parse(Spec.MessageId).Version, bytes);
    }

    private IMessageCodec<T> Codec => codec;

    private bool Look(T frame, ulong number) => look(frame, number);

    private void Fill(T frame, ulong number) => fill(frame, elements, number);

    private sealed class Writer(BenchFrames<T> channel, IPublisher bytes) : BenchWriter
    {
        private readonly Publisher<T> _publisher = new(bytes, channel.Codec);
        private readonly T _frame = new();

        public override void Prepare(ulong number) => channel.Fill(_frame, number);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public override void Publish() => _ = _publisher.Publish(_frame);

        public override long Publish(ref ulong stamp, ulong? mark)
        {
            var start = Stamp(ref stamp, mark);
            Publish();
            return start;
        }

        public override ValueTask DisposeAsync() => bytes.DisposeAsync();
    }

    private sealed class BytesWriter(BenchFrames<T> channel, IPublisher bytes) : BenchWriter
    {
        private readonly T _frame = new();
        private readonly byte[] _encoded = new byte[channel.Spec.MaxPayloadBytes];
        private int _length;

        public override void Prepare(ulong number) => _length = channel.Encode(_frame, number, _encoded);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public override void Publish() => _ = bytes.Publish(_encoded.AsSpan(0, _length));

        public override long Publish(ref ulong stamp, ulong? mark)
        {
            var start = Stamp(ref stamp, mark);
            Publish();
            return start;
        }

        public override ValueTask DisposeAsync() => bytes.DisposeAsync();
    }

    private sealed class Decoder(BenchFrames<T> channel, IReader bytes) : BenchReader
    {
        private readonly Reader<T> _reader = new(bytes, channel.Codec);
        private readonly IBlockingReader? _blocking = bytes as IBlockingReader;

        public override IReader Bytes => bytes;

        public override bool TryTake() => _reader.Read() == ReadStatus.Fresh;

        public override bool TryTake(TimeSpan? wait, out BenchTake take)
        {
            take = default;
            take.AwakeNs = Awake(_blocking, wait);
            if (_reader.Read(out var info) != ReadStatus.Fresh)
            {
                return false;
            }

            take.HeldNs = Stopwatch.GetTimestamp();
            (take.Sequence, take.Missed, take.Whole) = (info.Sequence, info.Missed, channel.Look(_reader.Latest.Value, info.Sequence));
            return true;
        }
    }

    /// <summary>Takes leases, and decodes them only to check what they hold.</summary>
    private sealed class Leaser(BenchFrames<T> channel, IReader bytes) : BenchReader
    {
        private readonly ILeasingReader _reader = (ILeasingReader)bytes;
        private readonly IBlockingReader? _blocking = bytes as IBlockingReader;
        private readonly T _frame = new();

        public override IReader Bytes => bytes;

        public override bool TryTake() => _reader.TryLease(out var lease) == ReadStatus.Fresh && lease.Validate();

        public override bool TryTake(TimeSpan? wait, out BenchTake take)
        {
            take = default;
            take.AwakeNs = Awake(_blocking, wait);
            if (_reader.TryLease(out var lease) != ReadStatus.Fresh || !lease.Validate())
            {
                return false;
            }

            take.HeldNs = Stopwatch.GetTimestamp();
            (take.Sequence, take.Missed) = (lease.Info.Sequence, lease.Info.Missed);
            var isWhole = channel.Codec.Decode(lease.Payload, _frame).IsNone && channel.Look(_frame, take.Sequence);
            take.Whole = isWhole || !lease.Validate(); // what was overwritten after it was held is not judged
            return true;
        }
    }
}
