using Shouldly;
using Xunit;

namespace Omnisight.TransportConformance;

/// <content>Latest delivery.</content>
public abstract partial class TransportConformanceTests
{
    [Fact]
    public async Task A_published_value_is_read_once()
    {
        if (!Has(TransportCapabilities.Latest)) return;
        var reader = Reader(Transport(), Latest());
        var publisher = Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();

        Publish(publisher, 1);

        await ReadFresh(reader, decoder, 1);
        for (var i = 0; i < 5; i++)
        {
            reader.Read(decoder, out _).ShouldBeOneOf(ReadStatus.Unchanged, ReadStatus.Idle, ReadStatus.Stale);
        }
    }

    [Fact]
    public async Task A_value_comes_with_its_epoch_its_sequence_and_its_time()
    {
        if (!Has(TransportCapabilities.Latest | TransportCapabilities.Sequenced)) return;
        var reader = Reader(Transport(), Latest());
        var publisher = Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();

        for (var n = 1; n <= 3; n++)
        {
            var before = MonotonicClock.NowNs();
            Publish(publisher, n);
            var after = MonotonicClock.NowNs();
            var info = await ReadFresh(reader, decoder, n);

            info.Epoch.ShouldBe(publisher.Epoch);
            info.Epoch.ShouldNotBe(0ul);
            info.Sequence.ShouldBe((ulong)n);
            info.PublishedMonoNs.ShouldBeInRange(before, after);
            info.Missed.ShouldBe(0ul);
            info.Rejection.IsNone.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task The_newest_value_wins_and_the_missed_ones_are_counted()
    {
        if (!Has(TransportCapabilities.Latest)) return;
        var reader = Reader(Transport(), Latest());
        var publisher = Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();
        Publish(publisher, 1);
        await ReadFresh(reader, decoder, 1);

        for (var n = 2; n <= 10; n++)
        {
            Publish(publisher, n);
        }

        var info = await ReadUntil(reader, decoder, ReadStatus.Fresh);
        decoder.Number.ShouldBe(10);
        if (Has(TransportCapabilities.Sequenced))
        {
            info.Sequence.ShouldBe(10ul);
            info.Missed.ShouldBe(8ul);
            reader.Counters.Lost.ShouldBe(8);
        }

        reader.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
    }

    [Fact]
    public async Task A_reader_that_came_first_attaches_to_the_writer()
    {
        if (!Has(TransportCapabilities.Latest)) return;
        var reader = Reader(Transport(), Latest());
        var decoder = new NumberDecoder();
        reader.Read(decoder, out _).ShouldBe(ReadStatus.NotReady);
        reader.Read(decoder, out _).ShouldBe(ReadStatus.NotReady);

        var publisher = Publisher(Transport(), Latest());
        reader.Read(decoder, out _).ShouldBe(ReadStatus.NotReady, "nothing was published yet");
        Publish(publisher, 1);

        await ReadFresh(reader, decoder, 1);
    }

    [Fact]
    public async Task A_reader_that_comes_late_gets_the_newest_value()
    {
        if (!Has(TransportCapabilities.Latest | TransportCapabilities.Retains)) return;
        var publisher = Publisher(Transport(), Latest());
        Publish(publisher, 1);
        Publish(publisher, 2);

        await ReadFresh(Reader(Transport(), Latest()), new NumberDecoder(), 2);
    }

    [Fact]
    public async Task Each_of_several_readers_gets_the_value()
    {
        if (!Has(TransportCapabilities.Latest)) return;
        var transport = Transport();
        var readers = Enumerable.Range(0, Math.Min(3, transport.Traits.MaxReaders)).Select(_ => Reader(transport, Latest())).ToList();
        var publisher = Publisher(Transport(), Latest());

        for (var n = 1; n <= 2; n++)
        {
            Publish(publisher, n);
            foreach (var reader in readers)
            {
                await ReadFresh(reader, new NumberDecoder(), n);
            }
        }
    }

    [Fact]
    public async Task A_second_publisher_is_refused_until_the_first_is_gone()
    {
        if (!Has(TransportCapabilities.Latest)) return;
        var reader = Reader(Transport(), Latest());
        var transport = Transport();
        var first = Publisher(transport, Latest());
        var decoder = new NumberDecoder();

        foreach (var second in new[] { transport, Transport() })
        {
            var refused = Should.Throw<TransportException>(() => Publisher(second, Latest()));
            refused.Error.ShouldBe(TransportError.InUse);
            refused.Message.ShouldContain(Latest().Name.Value);
        }

        Publish(first, 1);
        await ReadFresh(reader, decoder, 1);
        await first.DisposeAsync();
        Publish(Publisher(Transport(), Latest()), 2);
        await ReadFresh(reader, decoder, 2);
    }

    [Fact]
    public async Task Closing_the_publisher_is_told_and_the_last_value_stays()
    {
        if (!Has(TransportCapabilities.Latest | TransportCapabilities.TellsStop)) return;
        var reader = Reader(Transport(), Latest());
        var publisher = Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();
        Publish(publisher, 1);
        var last = await ReadFresh(reader, decoder, 1);

        await publisher.DisposeAsync();

        var info = await ReadUntil(reader, decoder, ReadStatus.WriterStopped);
        info.Sequence.ShouldBe(last.Sequence);
        decoder.Number.ShouldBe(1);
    }

    [Fact]
    public async Task A_restarted_writer_is_read_under_its_new_epoch()
    {
        if (!Has(TransportCapabilities.Latest)) return;
        var reader = Reader(Transport(), Latest());
        var first = Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();
        for (var n = 1; n <= 3; n++)
        {
            Publish(first, n);
            await ReadFresh(reader, decoder, n);
        }

        var firstEpoch = first.Epoch;
        await first.DisposeAsync();

        for (var start = 1; start <= 2; start++)
        {
            var next = Publisher(Transport(), Latest());
            Publish(next, 10 * start);
            var info = await ReadFresh(reader, decoder, 10 * start);

            if (Has(TransportCapabilities.Sequenced))
            {
                info.Epoch.ShouldBe(next.Epoch);
                info.Epoch.ShouldNotBe(firstEpoch);
                info.Sequence.ShouldBe(1ul);
                info.Missed.ShouldBe(0ul, "the sequence began anew");
                reader.Counters.Resets.ShouldBeGreaterThanOrEqualTo(start);
            }

            await next.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_channel_of_another_message_is_refused()
    {
        if (!Has(TransportCapabilities.Latest | TransportCapabilities.ChecksMessage)) return;
        var reader = Reader(Transport(), Latest() with { MessageId = "conformance.another/1" });
        var publisher = Publisher(Transport(), Latest());
        Publish(publisher, 1);

        var info = await ReadUntil(reader, new NumberDecoder(), ReadStatus.Rejected);

        info.Rejection.Reason.ShouldBe(RejectReason.MessageMismatch);
    }

    [Fact]
    public async Task Under_load_every_value_is_whole_and_none_goes_back()
    {
        if (!Has(TransportCapabilities.Latest)) return;
        var reader = Reader(Transport(), Latest());
        var publisher = Publisher(Transport(), Latest());
        var decoder = new NumberDecoder();
        Publish(publisher, 1);
        await ReadFresh(reader, decoder, 1);

        var writing = Task.Run(() =>
        {
            for (var n = 2; n <= ManyValues; n++)
            {
                // A reader of a pipe may be slower; the last value has to arrive.
                while (publisher.Publish(NumberedPayload.Of(n)) == PublishResult.Full)
                {
                    Thread.Yield();
                }
            }
        });
        var last = 1L;
        await Guarded(
            Task.Run(async () =>
            {
                while (last < ManyValues)
                {
                    switch (reader.Read(decoder, out var info))
                    {
                        case ReadStatus.Fresh:
                            decoder.Number.ShouldBeGreaterThan(last);
                            if (Has(TransportCapabilities.Sequenced))
                            {
                                info.Missed.ShouldBe((ulong)(decoder.Number - last - 1), "what was skipped is counted");
                            }

                            last = decoder.Number;
                            break;
                        case ReadStatus.Rejected:
                            info.Rejection.IsNone.ShouldBeTrue($"a whole value was expected after {last}");
                            break;
                        default:
                            await Task.Yield();
                            break;
                    }
                }

                return last;
            }),
            "the last value is read");
        await writing;
    }
}
