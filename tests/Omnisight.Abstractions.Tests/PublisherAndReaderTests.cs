using System.Text;
using Shouldly;
using Xunit;

namespace Omnisight.Tests;

public sealed class PublisherAndReaderTests
{
    [Theory]
    [InlineData(PayloadEncoding.Binary)]
    [InlineData(PayloadEncoding.Json)]
    public void A_value_travels_in_the_form_the_transport_wants(PayloadEncoding encoding)
    {
        var wire = new Wire(encoding);
        var publisher = new Publisher<Number>(wire, new NumberCodec());
        var reader = new Reader<Number>(wire, new NumberCodec());
        reader.HasValue.ShouldBeFalse();

        for (var n = 1; n <= 3; n++)
        {
            publisher.Publish(new Number { Value = n }).ShouldBe(PublishResult.Published);
            reader.Read().ShouldBe(ReadStatus.Fresh);
            reader.Latest.Value.Value.ShouldBe(n);
            reader.Latest.Info.Sequence.ShouldBe((ulong)n);
        }

        Encoding.UTF8.GetString(wire.Payload).StartsWith('{').ShouldBe(encoding == PayloadEncoding.Json);
        reader.HasValue.ShouldBeTrue();
        reader.Read().ShouldBe(ReadStatus.Unchanged);
        wire.Counters.PublishLatency.Count.ShouldBe(3);
    }

    [Fact]
    public void The_last_good_value_survives_a_rejected_and_a_torn_one()
    {
        var wire = new Wire(PayloadEncoding.Binary);
        var publisher = new Publisher<Number>(wire, new NumberCodec());
        var reader = new Reader<Number>(wire, new NumberCodec());
        publisher.Publish(new Number { Value = 7 });
        reader.Read().ShouldBe(ReadStatus.Fresh);

        publisher.Publish(new Number { Value = -1 });
        reader.Read(out var info).ShouldBe(ReadStatus.Rejected);
        info.Rejection.Reason.ShouldBe(RejectReason.Value);
        reader.Latest.Value.Value.ShouldBe(7);

        wire.IsTorn = true;
        publisher.Publish(new Number { Value = 8 });
        reader.Read().ShouldBe(ReadStatus.Contended);
        reader.Latest.Value.Value.ShouldBe(7);
        reader.Latest.Info.Sequence.ShouldBe(1ul);

        wire.IsTorn = false;
        reader.Read().ShouldBe(ReadStatus.Fresh);
        reader.Latest.Value.Value.ShouldBe(8);
    }

    [Fact]
    public void A_value_stays_whole_while_the_next_one_is_read()
    {
        var wire = new Wire(PayloadEncoding.Binary);
        var publisher = new Publisher<Number>(wire, new NumberCodec());
        var reader = new Reader<Number>(wire, new NumberCodec());
        publisher.Publish(new Number { Value = 1 });
        reader.Read();
        var held = reader.Latest.Value;

        publisher.Publish(new Number { Value = 2 });
        reader.Read().ShouldBe(ReadStatus.Fresh);

        held.Value.ShouldBe(1);
        reader.Latest.Value.Value.ShouldBe(2);
    }

    [Theory]
    [InlineData("test.number/1", 1)]
    [InlineData("test.number/2", 2)]
    public void The_version_that_is_written_is_the_channels(string messageId, int version)
    {
        var codec = new NumberCodec();
        new Publisher<Number>(new Wire(PayloadEncoding.Binary, messageId), codec).Publish(new Number());

        codec.WrittenVersion.ShouldBe(version);
    }

    [Theory]
    [InlineData("test.number/3")]
    [InlineData("test.other/1")]
    public void A_channel_of_another_message_or_version_is_refused(string messageId) =>
        Should.Throw<ArgumentException>(() => new Publisher<Number>(new Wire(PayloadEncoding.Binary, messageId), new NumberCodec()))
            .Message.ShouldContain(messageId);

    [Fact]
    public void What_does_not_fit_is_not_published()
    {
        var wire = new Wire(PayloadEncoding.Binary);

        new Publisher<Number>(wire, new NumberCodec()).Publish(new Number { Value = long.MaxValue }).ShouldBe(PublishResult.TooLarge);

        wire.Payload.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(PayloadEncoding.Binary)]
    [InlineData(PayloadEncoding.Json)]
    public void Encoding_allocates_nothing(PayloadEncoding encoding)
    {
        var sink = new Sink(encoding);
        var publisher = new Publisher<Number>(sink, new NumberCodec());
        var value = new Number { Value = 5 };
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                publisher.Publish(value);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBe(0);
        sink.Count.ShouldBe(500);
    }

    [Fact]
    public void A_loan_is_committed_once_or_dropped()
    {
        var owner = new Lender();
        var loan = new Loan(owner, owner.Room);
        loan.Payload[0] = 42;
        loan.Commit(1).ShouldBe(PublishResult.Published);
        loan.Dispose();

        owner.Committed.ShouldBe(1);
        owner.Dropped.ShouldBe(0);
        var again = default(InvalidOperationException);
        try
        {
            loan.Commit(1);
        }
        catch (InvalidOperationException e)
        {
            again = e;
        }

        again.ShouldNotBeNull();
        var dropped = new Loan(owner, owner.Room);
        dropped.Dispose();
        dropped.Dispose();
        owner.Dropped.ShouldBe(1);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(9)]
    public void No_more_than_the_loan_is_committed(int bytes)
    {
        var owner = new Lender();

        Should.Throw<ArgumentOutOfRangeException>(() =>
        {
            var loan = new Loan(owner, owner.Room);
            loan.Commit(bytes);
        });
        owner.Committed.ShouldBe(0);
    }

    private sealed class Sink(PayloadEncoding encoding) : IPublisher
    {
        public int Count { get; private set; }

        public ChannelSpec Channel { get; } = new() { Name = ChannelName.Parse("numbers"), MessageId = "test.number/1", MaxPayloadBytes = 64 };

        public PayloadEncoding Encoding => encoding;

        public ulong Epoch => 1;

        public ChannelCounters Counters { get; } = new();

        public PublishResult Publish(ReadOnlySpan<byte> payload)
        {
            Count++;
            return PublishResult.Published;
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Lender : ILoaningPublisher
    {
        public byte[] Room { get; } = new byte[8];

        public int Committed { get; private set; }

        public int Dropped { get; private set; }

        public ChannelSpec Channel => throw new NotSupportedException();

        public PayloadEncoding Encoding => PayloadEncoding.Binary;

        public ulong Epoch => 1;

        public ChannelCounters Counters { get; } = new();

        public PublishResult Publish(ReadOnlySpan<byte> payload) => PublishResult.Published;

        public PublishResult TryLoan(int payloadBytes, out Loan loan)
        {
            loan = new Loan(this, Room);
            return PublishResult.Published;
        }

        public PublishResult CommitLoan(int payloadBytes)
        {
            Committed++;
            return PublishResult.Published;
        }

        public void DropLoan() => Dropped++;

        public ValueTask DisposeAsync() => default;
    }
}
