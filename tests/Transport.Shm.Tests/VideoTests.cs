using System.Runtime.InteropServices;
using Omnisight.Messages;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>1080p images, filled in a loan and looked at in a lease: no copy on the way.</summary>
public sealed class VideoTests : ShmTest
{
    private const int Width = 1920, Height = 1080, Stride = Width * 3, Data = Stride * Height;

    [Fact]
    public async Task An_image_is_written_and_read_where_it_lies()
    {
        var spec = new VideoCodec().DefaultChannel;
        var publisher = (ILoaningPublisher)Kept(Transport().OpenPublisher(spec));
        var reader = (ILeasingReader)Kept(Transport(new ShmOptions { MapChannels = ["video"] }).OpenReader(spec));

        for (var n = 1ul; n <= 9; n++)
        {
            Publish(publisher, n);
            await Eventually.Become(() => Look(reader, n), $"image {n}");
        }

        reader.Counters.Lost.ShouldBe(0);
        publisher.Counters.Values.ShouldBe(9);
    }

    [Fact]
    public async Task Thirty_images_a_second_lose_none_for_a_reader_that_keeps_up()
    {
        const ulong images = 30;
        var spec = new VideoCodec().DefaultChannel;
        var publisher = (ILoaningPublisher)Kept(Transport().OpenPublisher(spec));
        var reader = (ILeasingReader)Kept(Transport(new ShmOptions { MapChannels = ["video"] }).OpenReader(spec));
        Publish(publisher, 1);
        await Eventually.Become(() => Look(reader, 1), "the first image");

        for (var n = 2ul; n <= images; n++)
        {
            var wait = reader.WaitAsync(TestContext.Current.CancellationToken).AsTask();
            Publish(publisher, n);
            (await wait).ShouldBeTrue();
            Look(reader, n).ShouldBeTrue();
        }

        (reader.Counters.Values, reader.Counters.Lost).ShouldBe(((long)images, 0));
    }

    [Fact]
    public async Task A_lease_of_a_disposed_reader_is_not_valid_and_not_deadly()
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        var reader = (ILeasingReader)Reader("map");
        await Eventually.Become(() => reader.TryLease(out _) == ReadStatus.Fresh, "a lease");
        Check();

        void Check()
        {
            reader.TryLease(out var lease).ShouldBe(ReadStatus.Unchanged);
            lease.Payload[0].ShouldBe((byte)1);
            reader.DisposeAsync().AsTask().Wait();
            lease.Validate().ShouldBeFalse();
            lease.Payload[0].ShouldBe((byte)0, "the addresses stay readable");
        }
    }

    [Fact]
    public async Task A_lease_of_the_writer_before_is_not_valid_for_the_same_number_of_the_next()
    {
        var first = Transport().OpenPublisher(Stress());
        Publish(first, 1);
        var reader = (ILeasingReader)Reader("map");
        await Eventually.Become(() => reader.TryLease(out _) == ReadStatus.Fresh, "a lease");
        reader.ValidateLease(1).ShouldBeTrue();
        await first.DisposeAsync();
        Publish(Publisher(), 1);

        await ReadUntil(reader, ReadStatus.Fresh);

        reader.ValidateLease(1).ShouldBeFalse("its memory is gone");
    }

    [Fact]
    public async Task A_loan_outlives_the_closing_of_its_publisher_and_publishes_nothing()
    {
        var publisher = (ILoaningPublisher)Publisher();
        Publish((IPublisher)publisher, 1);
        var reader = Reader();
        await ReadUntil(reader, ReadStatus.Fresh);
        Check();
        await ReadUntil(reader, ReadStatus.WriterStopped);

        void Check()
        {
            publisher.TryLoan(100, out var loan).ShouldBe(PublishResult.Published);
            using (loan)
            {
                publisher.DisposeAsync().AsTask().Wait();
                loan.Payload.Fill(1);
                loan.Commit(100).ShouldBe(PublishResult.Closed);
            }
        }
    }

    private static void Publish(ILoaningPublisher publisher, ulong number)
    {
        publisher.TryLoan(VideoHeader.Bytes + Data, out var loan).ShouldBe(PublishResult.Published);
        using (loan)
        {
            for (var row = 0; row < Height; row++)
            {
                MemoryMarshal.Write(loan.Payload[(VideoHeader.Bytes + (row * Stride))..], in number);
            }

            var header = new VideoHeader
            {
                FrameId = number,
                Width = Width,
                Height = Height,
                Stride = Stride,
                Format = PixelFormat.Bgr24,
                DataBytes = Data,
                Flags = VideoFlags.NoChecksum,
            };
            header.Write(loan.Payload);
            loan.Commit(VideoHeader.Bytes + Data).ShouldBe(PublishResult.Published);
        }
    }

    private static bool Look(ILeasingReader reader, ulong number)
    {
        if (reader.TryLease(out var lease) != ReadStatus.Fresh)
        {
            return false;
        }

        VideoHeader.Read(lease.Payload, out var header).IsNone.ShouldBeTrue();
        header.FrameId.ShouldBe(number);
        for (var row = 0; row < Height; row++)
        {
            MemoryMarshal.Read<ulong>(lease.Payload[(VideoHeader.Bytes + (row * Stride))..]).ShouldBe(number);
        }

        return lease.Validate();
    }
}
