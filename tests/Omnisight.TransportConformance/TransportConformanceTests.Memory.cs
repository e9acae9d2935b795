using Shouldly;
using Xunit;

namespace Omnisight.TransportConformance;

/// <content>Loans, leases, and what an operation costs.</content>
public abstract partial class TransportConformanceTests
{
    private delegate void LoanUse(ref Loan loan);

    [Fact]
    public async Task A_committed_loan_is_published()
    {
        if (!Has(TransportCapabilities.Latest | TransportCapabilities.Loans)) return;
        var reader = Reader(Transport(), Latest());
        var publisher = (ILoaningPublisher)Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();

        for (var n = 1; n <= 3; n++)
        {
            WithLoan(publisher, MaxPayloadBytes, (ref loan) =>
            {
                NumberedPayload.Fill(n, loan.Payload[..NumberedPayload.SizeOf(n)]);
                loan.Commit(NumberedPayload.SizeOf(n)).ShouldBe(PublishResult.Published);
            });
            var info = await ReadFresh(reader, decoder, n);
            info.Sequence.ShouldBe((ulong)n);
        }
    }

    [Fact]
    public async Task A_dropped_loan_publishes_nothing_and_its_number_is_used_again()
    {
        if (!Has(TransportCapabilities.Latest | TransportCapabilities.Loans)) return;
        var reader = Reader(Transport(), Latest());
        var publisher = (ILoaningPublisher)Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();
        Publish(publisher, 1);
        await ReadFresh(reader, decoder, 1);

        for (var i = 0; i < 100; i++)
        {
            WithLoan(publisher, 500, (ref loan) => NumberedPayload.Fill(99, loan.Payload[..500]));
            reader.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
        }

        Publish(publisher, 2);
        (await ReadFresh(reader, decoder, 2)).Sequence.ShouldBe(2ul);
    }

    [Fact]
    public void There_is_one_loan_at_a_time_and_none_larger_than_the_channel()
    {
        if (!Has(TransportCapabilities.Latest | TransportCapabilities.Loans)) return;
        var publisher = (ILoaningPublisher)Publisher(Transport(), Latest());

        publisher.TryLoan(MaxPayloadBytes + 1, out _).ShouldBe(PublishResult.TooLarge);
        WithLoan(publisher, 100, (ref loan) => Should.Throw<InvalidOperationException>(() => publisher.TryLoan(100, out _)));
        WithLoan(publisher, 100, (ref _) => { });
    }

    [Fact]
    public async Task A_lease_shows_the_value_and_says_when_the_writer_takes_it_back()
    {
        if (!Has(TransportCapabilities.Latest | TransportCapabilities.Leases)) return;
        var reader = (ILeasingReader)Reader(Transport(), Latest());
        var publisher = Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();
        Publish(publisher, 1);
        await ReadUntilLeasable(reader);

        reader.TryLease(out var lease).ShouldBe(ReadStatus.Unchanged, "the same value is leased again");
        NumberedPayload.TryRead(lease.Payload, out var number).ShouldBeTrue();
        number.ShouldBe(1);
        lease.Info.Sequence.ShouldBe(1ul);
        lease.Info.Epoch.ShouldBe(publisher.Epoch);
        lease.Validate().ShouldBeTrue();

        for (var n = 2; n <= 200; n++)
        {
            Publish(publisher, n);
        }

        lease.Validate().ShouldBeFalse("the writer has used every slot since");
        reader.TryLease(out var newest).ShouldBe(ReadStatus.Fresh);
        NumberedPayload.TryRead(newest.Payload, out number).ShouldBeTrue();
        number.ShouldBe(200);
        newest.Validate().ShouldBeTrue();
        decoder.Number.ShouldBe(0);
    }

    [Fact]
    public async Task Publishing_and_reading_allocate_nothing()
    {
        if (!Has(TransportCapabilities.AllocationFree)) return;
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();
            Publish(publisher, 1);
            await ReadFresh(reader, decoder, 1);

            // The first rounds fill what is kept: buffers, handles, compiled code. Later ones may meet another thread's work once, never always.
            var least = Enumerable.Range(0, 10).Min(_ => Allocated(publisher, reader, decoder));

            least.ShouldBe(0, "bytes allocated by 200 times publish and read");
        }

        static long Allocated(IPublisher publisher, IReader reader, NumberDecoder decoder)
        {
            var payload = NumberedPayload.Of(5);
            var fresh = 0;
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 200; i++)
            {
                publisher.Publish(payload);
                fresh += reader.Read(decoder, out _) == ReadStatus.Fresh ? 1 : 0;
                reader.Read(decoder, out _);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            fresh.ShouldBe(200);
            return allocated;
        }
    }

    private static void WithLoan(ILoaningPublisher publisher, int bytes, LoanUse use)
    {
        publisher.TryLoan(bytes, out var loan).ShouldBe(PublishResult.Published);
        loan.Payload.Length.ShouldBeGreaterThanOrEqualTo(bytes);
        try
        {
            use(ref loan);
        }
        finally
        {
            loan.Dispose();
        }
    }

    private async Task ReadUntilLeasable(ILeasingReader reader)
    {
        for (var tries = 0; reader.TryLease(out _) != ReadStatus.Fresh; tries++)
        {
            tries.ShouldBeLessThan(10_000, "a published value can be leased");
            await Task.Delay(2);
        }
    }
}
