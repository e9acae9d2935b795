using Shouldly;
using Xunit;

namespace Omnisight.TransportConformance;

/// <content>Stream delivery.</content>
public abstract partial class TransportConformanceTests
{
    [Fact]
    public async Task Each_message_arrives_once_and_in_order()
    {
        if (!Has(TransportCapabilities.Stream)) return;
        var reader = Reader(Transport(), Stream());
        var publisher = Publisher(Transport(), Stream());
        var decoder = new NumberDecoder();

        for (var n = 1; n <= 20; n++)
        {
            Publish(publisher, n);
        }

        for (var n = 1; n <= 20; n++)
        {
            await ReadFresh(reader, decoder, n);
        }

        reader.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
    }

    [Fact]
    public async Task A_message_that_was_not_read_ends_every_wait()
    {
        if (!Has(TransportCapabilities.Stream)) return;
        var reader = Reader(Transport(), Stream());
        var publisher = Publisher(Transport(), Stream());
        var decoder = new NumberDecoder();
        for (var n = 1; n <= 4; n++)
        {
            Publish(publisher, n);
        }

        await ReadFresh(reader, decoder, 1);
        for (var n = 2; n <= 4; n++)
        {
            (await Guarded(reader.WaitAsync(CancellationToken.None).AsTask(), "a wait ends")).ShouldBeTrue();
            (reader is not IBlockingReader blocking || blocking.Wait(Watchdog / 2)).ShouldBeTrue("a message is there");
            reader.Read(decoder, out _).ShouldBe(ReadStatus.Fresh);
            decoder.Number.ShouldBe(n);
        }
    }

    [Fact]
    public async Task Several_senders_share_a_stream_and_nothing_is_lost_or_mixed()
    {
        if (!Has(TransportCapabilities.Stream)) return;
        const int senders = 3;
        var each = ManyValues / 10;
        var reader = Reader(Transport(), Stream());
        var publishers = Enumerable.Range(0, senders).Select(_ => Publisher(Transport(), Stream())).ToList();
        var sending = publishers.Select((publisher, sender) => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                PublishResult result;
                while ((result = publisher.Publish(NumberedPayload.Of((i * senders) + sender))) == PublishResult.Full)
                {
                    await Task.Yield();
                }

                result.ShouldBe(PublishResult.Published);
            }
        })).ToList();

        var next = new long[senders];
        var decoder = new NumberDecoder();
        for (var i = 0; i < senders * each; i++)
        {
            await ReadUntil(reader, decoder, ReadStatus.Fresh);
            var sender = decoder.Number % senders;
            (decoder.Number / senders).ShouldBe(next[sender]++, $"sender {sender}'s messages come in its order");
        }

        await Task.WhenAll(sending);
        reader.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
    }

    [Fact]
    public async Task A_slow_reader_makes_the_sender_say_full_never_wait()
    {
        if (!Has(TransportCapabilities.Stream)) return;
        var reader = Reader(Transport(), Stream());
        var publisher = Publisher(Transport(), Stream());
        var decoder = new NumberDecoder();
        var sent = 0L;
        var full = await Guarded(
            Task.Run(() =>
            {
                PublishResult result;
                while ((result = publisher.Publish(NumberedPayload.Of(sent + 1))) == PublishResult.Published && sent < 1_000_000)
                {
                    sent++;
                }

                return result;
            }),
            "a sender comes to an end with a reader that does not read");

        full.ShouldBe(PublishResult.Full);
        publisher.Counters.Lost.ShouldBe(1);
        for (var n = 1L; n <= sent; n++)
        {
            await ReadFresh(reader, decoder, n);
        }

        Publish(publisher, sent + 1);
        await ReadFresh(reader, decoder, sent + 1);
    }

    [Fact]
    public async Task A_stream_without_reader_says_so_and_goes_on_when_one_comes()
    {
        if (!Has(TransportCapabilities.Stream)) return;
        var publisher = Publisher(Transport(), Stream());
        publisher.Publish(NumberedPayload.Of(1)).ShouldBeOneOf(PublishResult.NoReader, PublishResult.Published);

        var reader = Reader(Transport(), Stream());
        var decoder = new NumberDecoder();
        Publish(publisher, 2);

        await ReadUntil(reader, decoder, ReadStatus.Fresh);
        if (decoder.Number == 1)
        {
            await ReadFresh(reader, decoder, 2);
        }

        decoder.Number.ShouldBe(2);
    }

    [Fact]
    public async Task A_sender_survives_a_restart_of_the_reader()
    {
        if (!Has(TransportCapabilities.Stream)) return;
        var publisher = Publisher(Transport(), Stream());
        for (var n = 1; n <= 3; n++)
        {
            var reader = Reader(Transport(), Stream());
            var decoder = new NumberDecoder();
            Publish(publisher, n);
            await ReadFresh(reader, decoder, n);
            await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stream_has_no_more_readers_than_its_traits_allow()
    {
        if (!Has(TransportCapabilities.Stream)) return;
        var transport = Transport();
        if (transport.Traits.MaxReaders != 1) return;
        var first = Reader(transport, Stream());

        foreach (var second in new[] { transport, Transport() })
        {
            var refused = Should.Throw<TransportException>(() => Reader(second, Stream()));
            refused.Error.ShouldBe(TransportError.InUse);
        }

        await first.DisposeAsync();
        var next = Reader(Transport(), Stream());
        Publish(Publisher(Transport(), Stream()), 1);
        await ReadFresh(next, new NumberDecoder(), 1);
    }
}
