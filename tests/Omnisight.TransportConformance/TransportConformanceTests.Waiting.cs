using System.Diagnostics;
using Shouldly;
using Xunit;

namespace Omnisight.TransportConformance;

/// <content>Waiting for something new.</content>
public abstract partial class TransportConformanceTests
{
    [Fact]
    public async Task A_waiting_reader_is_woken_by_a_value()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();
            Publish(publisher, 1);
            await ReadFresh(reader, decoder, 1);

            for (var n = 2; n <= 6; n++)
            {
                var waiting = WaitForFresh(reader, decoder);
                Publish(publisher, n);
                (await Guarded(waiting, "the wait ends with a value")).ShouldBe(n);
            }
        }

        static async Task<long> WaitForFresh(IReader reader, NumberDecoder decoder)
        {
            while (reader.Read(decoder, out _) != ReadStatus.Fresh)
            {
                (await reader.WaitAsync(CancellationToken.None)).ShouldBeTrue("the reader is open");
            }

            return decoder.Number;
        }
    }

    [Fact]
    public async Task A_value_that_came_before_the_wait_ends_it()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();
            Publish(publisher, 1);
            await ReadFresh(reader, decoder, 1);

            Publish(publisher, 2);

            (await Guarded(reader.WaitAsync(CancellationToken.None).AsTask(), "the wait ends")).ShouldBeTrue();
            await ReadFresh(reader, decoder, 2);
        }
    }

    [Fact]
    public async Task A_wait_without_news_ends_by_itself_now_and_then()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            for (var i = 0; i < 2; i++)
            {
                (await Guarded(reader.WaitAsync(CancellationToken.None).AsTask(), "a wait lasts about a second at most")).ShouldBeTrue();
            }
        }
    }

    [Fact]
    public async Task A_wait_is_cancelled()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            _ = Publisher(Transport(), channel);
            using var before = new CancellationTokenSource();
            await before.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(async () => await Guarded(WaitOn(reader, before.Token), "a wait that was cancelled before ends"));

            using var meanwhile = new CancellationTokenSource();
            var waiting = WaitOn(reader, meanwhile.Token);
            await meanwhile.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(async () => await Guarded(waiting, "a cancelled wait ends"));
        }

        static async Task<bool> WaitOn(IReader reader, CancellationToken cancellationToken)
        {
            // A wait may end for no reason; one without news does not end for ever.
            var decoder = new NumberDecoder();
            while (await reader.WaitAsync(cancellationToken) && reader.Read(decoder, out _) != ReadStatus.Closed)
            {
                await Task.Yield();
            }

            return false;
        }
    }

    [Fact]
    public async Task A_disposed_reader_waits_no_more_and_says_closed()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            reader.Read(new NumberDecoder(), out _);
            var waiting = reader.WaitAsync(CancellationToken.None).AsTask();

            await reader.DisposeAsync();
            await reader.DisposeAsync();

            await Guarded(waiting, "waiting ends with the reader");
            (await Guarded(reader.WaitAsync(CancellationToken.None).AsTask(), "a wait on a closed reader ends")).ShouldBeFalse();
            reader.Read(new NumberDecoder(), out _).ShouldBe(ReadStatus.Closed);
        }
    }

    [Fact]
    public async Task A_blocked_thread_is_woken_by_a_value_and_by_its_timeout()
    {
        if (!Has(TransportCapabilities.Blocks)) return;
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel).ShouldBeAssignableTo<IBlockingReader>()!;
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();
            Publish(publisher, 1);
            await ReadFresh(reader, decoder, 1);

            for (var n = 2; n <= 4; n++)
            {
                var waiting = Task.Run(() =>
                {
                    var clock = Stopwatch.StartNew();
                    while (reader.Read(decoder, out _) != ReadStatus.Fresh && clock.Elapsed < Watchdog)
                    {
                        reader.Wait(Watchdog);
                    }

                    return decoder.Number;
                });
                Publish(publisher, n);
                (await Guarded(waiting, "the blocked thread gets the value")).ShouldBe(n);
            }

            (await Guarded(Task.Run(() => EndsByTimeout(reader, decoder)), "a wait ends with its timeout")).ShouldBeTrue("without news a wait ends with its timeout");
        }

        bool EndsByTimeout(IBlockingReader reader, NumberDecoder decoder)
        {
            // A wake may be false; without news there is one that isn't, sooner or later.
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < Watchdog / 2;)
            {
                if (!reader.Wait(TimeSpan.FromMilliseconds(20)))
                {
                    return true;
                }

                reader.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
            }

            return false;
        }
    }
}
