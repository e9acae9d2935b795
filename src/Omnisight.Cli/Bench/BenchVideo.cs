using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Omnisight.Messages;

namespace Omnisight.Cli.Bench;

/// <summary>1080p images, written in a loan and read in a lease; without a checksum, as is the default.</summary>
internal sealed class BenchVideo : BenchChannel
{
    private const int Width = 1920, Height = 1080, Stride = Width * 3;

    /// <summary>The last pixels say how long the filling of all others took.</summary>
    private const int FillNsBytes = sizeof(long);

    public override int Rate => 30;

    public override bool IsFilledInPlace => true;

    public override byte[] Sample()
    {
        var bytes = new byte[Spec.MaxPayloadBytes];
        Fill(bytes, 1);
        return bytes;
    }

    /// <summary>Every pixel, as fast as memory takes it; every row begins with the frame's number.</summary>
    public override void Fill(Span<byte> payload, ulong number)
    {
        new VideoHeader
        {
            FrameId = number,
            TimestampMs = number,
            Width = Width,
            Height = Height,
            Stride = Stride,
            Format = PixelFormat.Bgr24,
            DataBytes = Stride * Height,
            Flags = VideoFlags.NoChecksum,
        }.Write(payload);
        for (var row = 0; row < Height; row++)
        {
            var pixels = Row(payload, row);
            pixels.Fill((byte)((int)number + row));
            BinaryPrimitives.WriteUInt64LittleEndian(pixels, number);
        }
    }

    public override BenchWriter OpenWriter(ITransport transport, bool encoded) => new Writer(this, (ILoaningPublisher)transport.OpenPublisher(Spec));

    public override BenchReader OpenReader(ITransport transport, BenchMode mode) =>
        transport.OpenReader(Spec) is ILeasingReader reader ? new Reader(reader)
        : throw new CliException(ExitCode.Usage, "video is measured with leases: add --mode lease");

    private static Span<byte> Row(Span<byte> payload, int row) => payload.Slice(VideoHeader.Bytes + (row * Stride), Stride);

    private sealed class Writer(BenchVideo channel, ILoaningPublisher publisher) : BenchWriter
    {
        private ulong _number;

        public override void Prepare(ulong number) => _number = number;

        public override void Publish()
        {
            var bytes = channel.Spec.MaxPayloadBytes;
            if (publisher.TryLoan(bytes, out var loan) == PublishResult.Published)
            {
                using (loan)
                {
                    var start = Stopwatch.GetTimestamp();
                    channel.Fill(loan.Payload, _number);
                    BinaryPrimitives.WriteInt64LittleEndian(Row(loan.Payload, Height - 1)[^FillNsBytes..], Stopwatch.GetTimestamp() - start);
                    _ = loan.Commit(bytes);
                }
            }
        }

        public override long Publish(ref ulong stamp, ulong? mark)
        {
            var start = Stamp(ref stamp, mark);
            Publish();
            return start;
        }

        public override ValueTask DisposeAsync() => publisher.DisposeAsync();
    }

    private sealed class Reader(ILeasingReader reader) : BenchReader
    {
        private readonly IBlockingReader? _blocking = reader as IBlockingReader;

        public override IReader Bytes => reader;

        public override bool TryTake() => reader.TryLease(out var lease) == ReadStatus.Fresh && lease.Validate();

        public override bool TryTake(TimeSpan? wait, out BenchTake take)
        {
            take = default;
            take.AwakeNs = Awake(_blocking, wait);
            if (reader.TryLease(out var lease) != ReadStatus.Fresh || !lease.Validate())
            {
                return false;
            }

            take.HeldNs = Stopwatch.GetTimestamp();
            (take.Sequence, take.Missed) = (lease.Info.Sequence, lease.Info.Missed);
            var isWhole = VideoHeader.Read(lease.Payload, out var header).IsNone && header.FrameId == take.Sequence;
            for (var row = 0; row < Height; row += 27)
            {
                var pixels = lease.Payload.Slice(VideoHeader.Bytes + (row * Stride), Stride);
                isWhole &= MemoryMarshal.Read<ulong>(pixels) == take.Sequence && pixels[^1] == (byte)((int)take.Sequence + row);
            }

            var fillNs = BinaryPrimitives.ReadInt64LittleEndian(lease.Payload[^FillNsBytes..]);
            var isStill = lease.Validate(); // what was overwritten after it was held is not judged
            (take.FillNs, take.Whole) = (isStill ? fillNs : 0, isWhole || !isStill);
            return true;
        }
    }
}
