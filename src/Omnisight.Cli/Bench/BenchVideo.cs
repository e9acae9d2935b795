using System.Runtime.InteropServices;
using Omnisight.Messages;

namespace Omnisight.Cli.Bench;

/// <summary>1080p images, written in a loan and read in a lease; without a checksum, as is the default.</summary>
internal sealed class BenchVideo : BenchChannel
{
    public override byte[] Sample()
    {
        var bytes = new byte[Spec.MaxPayloadBytes];
        Fill(bytes, 1, 1);
        return bytes;
    }

    public override BenchWriter OpenWriter(ITransport transport) => new Writer((ILoaningPublisher)transport.OpenPublisher(Spec), Spec.MaxPayloadBytes);

    public override BenchReader OpenReader(ITransport transport, BenchMode mode) =>
        transport.OpenReader(Spec) is ILeasingReader reader ? new Reader(reader)
        : throw new CliException(ExitCode.Usage, "video is measured with leases: add --mode lease");

    /// <summary>Every row begins with the frame's number.</summary>
    private static void Fill(Span<byte> payload, ulong number, ulong stamp)
    {
        var header = new VideoHeader
        {
            FrameId = number,
            TimestampMs = stamp,
            Width = 1920,
            Height = 1080,
            Stride = 1920 * 3,
            Format = PixelFormat.Bgr24,
            DataBytes = 1920 * 1080 * 3,
            Flags = VideoFlags.NoChecksum,
        };
        for (var row = 0; row < 1080; row++)
        {
            MemoryMarshal.Write(payload[(VideoHeader.Bytes + (row * 1920 * 3))..], in number);
        }

        header.Write(payload);
    }

    private sealed class Writer(ILoaningPublisher publisher, int bytes) : BenchWriter
    {
        private ulong _number;

        public override void Prepare(ulong number) => _number = number;

        public override void Publish(ulong stamp)
        {
            if (publisher.TryLoan(bytes, out var loan) == PublishResult.Published)
            {
                using (loan)
                {
                    Fill(loan.Payload, _number, stamp);
                    _ = loan.Commit(bytes);
                }
            }
        }

        public override ValueTask DisposeAsync() => publisher.DisposeAsync();
    }

    private sealed class Reader(ILeasingReader reader) : BenchReader
    {
        public override IReader Bytes => reader;

        public override bool TryTake() => reader.TryLease(out var lease) == ReadStatus.Fresh && lease.Validate();

        public override bool TryTake(out ulong sequence, out ulong missed, out ulong stamp, out bool whole)
        {
            var fresh = reader.TryLease(out var lease) == ReadStatus.Fresh;
            (sequence, missed, stamp, whole) = (lease.Info.Sequence, lease.Info.Missed, 0, true);
            if (!fresh)
            {
                return false;
            }

            whole = VideoHeader.Read(lease.Payload, out var header).IsNone && header.FrameId == sequence;
            stamp = header.TimestampMs;
            for (var row = 0; row < 1080; row += 27)
            {
                whole &= MemoryMarshal.Read<ulong>(lease.Payload[(VideoHeader.Bytes + (row * 1920 * 3))..]) == sequence;
            }

            return lease.Validate();
        }
    }
}
