using System.Diagnostics;
using Shouldly;
using Xunit;

namespace Omnisight.TransportConformance;

/// <summary>
/// What every transport must do. Derive one public class per transport, give it a factory and state what it promises; the tests that the promise
/// does not cover return at once. Each test has an instance of its own: make it in the constructor, remove it in <see cref="DisposeInstance"/>.
/// </summary>
/// <example><code>
/// public sealed class FifoConformance : TransportConformanceTests
/// {
///     private readonly TestInstance _instance = new();
///     protected override TransportCapabilities Promised => TransportCapabilities.Stream | TransportCapabilities.Inboxes;
///     protected override ITransport OpenTransport() => new FifoTransport(new TestContext(_instance));
///     protected override ValueTask DisposeInstance() { _instance.Dispose(); return default; }
/// }
/// </code></example>
public abstract partial class TransportConformanceTests : IAsyncLifetime
{
    /// <summary>Room for the tests' payloads.</summary>
    private const int MaxPayloadBytes = 2000;

    private readonly Stack<IAsyncDisposable> _opened = new();

    /// <summary>What the transport promises.</summary>
    protected abstract TransportCapabilities Promised { get; }

    /// <summary>Ends a test that waits for what never comes; not a measure of speed.</summary>
    protected virtual TimeSpan Watchdog => TimeSpan.FromSeconds(30);

    /// <summary>How many values the tests under load publish.</summary>
    protected virtual int ManyValues => 5000;

    /// <summary>A further transport object on this test's instance, as another process would have it. The suite disposes it.</summary>
    protected abstract ITransport OpenTransport();

    /// <summary>Removes the instance, after all that was opened on it was disposed.</summary>
    protected virtual ValueTask DisposeInstance() => default;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => default;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var opened))
        {
            await opened.DisposeAsync();
        }

        await DisposeInstance();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void What_it_promises_is_what_its_traits_and_interfaces_say()
    {
        var transport = Transport();

        Says(TransportCapabilities.Latest, transport.Traits.Latest);
        Says(TransportCapabilities.Stream, transport.Traits.Stream);
        Says(TransportCapabilities.Inboxes, transport is IInboxTransport);
        Says(TransportCapabilities.Lists, transport is IChannelDirectory);
        (Promised & (TransportCapabilities.Latest | TransportCapabilities.Stream)).ShouldNotBe(TransportCapabilities.None, "a transport carries something");
        if (Has(TransportCapabilities.Latest))
        {
            Says(TransportCapabilities.Sequenced, transport.Traits.Sequenced);
            Says(TransportCapabilities.Leases, Reader(transport, Latest()) is ILeasingReader);
            Says(TransportCapabilities.Loans, Publisher(transport, Latest()) is ILoaningPublisher);
        }

        void Says(TransportCapabilities promise, bool shown) =>
            shown.ShouldBe(Has(promise), $"{promise} is {(Has(promise) ? "promised" : "not promised")}");
    }

    [Fact]
    public void Both_ends_know_their_channel_and_want_the_encoding_of_the_traits()
    {
        foreach (var channel in Channels())
        {
            var transport = Transport();
            var reader = Reader(transport, channel);
            var publisher = Publisher(Transport(), channel);

            reader.Channel.Name.ShouldBe(channel.Name);
            publisher.Channel.Name.ShouldBe(channel.Name);
            reader.Encoding.ShouldBe(transport.Traits.Encoding);
            publisher.Encoding.ShouldBe(transport.Traits.Encoding);
        }
    }

    [Fact]
    public async Task Both_ends_count_values_and_bytes()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();

            for (var n = 1; n <= 3; n++)
            {
                Publish(publisher, n);
                await ReadFresh(reader, decoder, n);
            }

            publisher.Counters.Values.ShouldBe(3);
            reader.Counters.Values.ShouldBe(3);
            publisher.Counters.Bytes.ShouldBeGreaterThanOrEqualTo(3 * NumberedPayload.MinBytes);
            reader.Counters.Bytes.ShouldBeGreaterThanOrEqualTo(3 * NumberedPayload.MinBytes);
        }
    }

    [Fact]
    public async Task The_largest_payload_that_the_channel_allows_arrives_whole()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();

            publisher.Publish(NumberedPayload.Of(7, MaxPayloadBytes)).ShouldBe(PublishResult.Published);

            await ReadFresh(reader, decoder, 7);
            decoder.Bytes.ShouldBeGreaterThanOrEqualTo(MaxPayloadBytes);
        }
    }

    [Fact]
    public async Task A_payload_that_is_too_large_is_told_and_leaves_the_channel_as_it_was()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();
            Publish(publisher, 1);
            await ReadFresh(reader, decoder, 1);

            publisher.Publish(NumberedPayload.Of(2, MaxPayloadBytes + 1)).ShouldBe(PublishResult.TooLarge);
            publisher.Publish(NumberedPayload.Of(3, 1 << 20)).ShouldBe(PublishResult.TooLarge);

            reader.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
            Publish(publisher, 4);
            await ReadFresh(reader, decoder, 4);
        }
    }

    [Fact]
    public async Task Disposing_a_publisher_publishes_nothing()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();
            Publish(publisher, 1);
            await ReadFresh(reader, decoder, 1);

            await publisher.DisposeAsync();
            await publisher.DisposeAsync();

            for (var i = 0; i < 20; i++)
            {
                reader.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
                await Task.Delay(5);
            }
        }
    }

    [Fact]
    public async Task A_disposed_publisher_says_closed()
    {
        foreach (var channel in Channels())
        {
            var publisher = Publisher(Transport(), channel);
            await publisher.DisposeAsync();

            publisher.Publish(NumberedPayload.Of(1)).ShouldBe(PublishResult.Closed);
        }
    }

    [Fact]
    public async Task A_rejecting_decoder_is_reported_and_the_next_value_is_read()
    {
        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            var decoder = new NumberDecoder();
            Publish(publisher, 1);
            var good = await ReadFresh(reader, decoder, 1);

            decoder.Reject = new Rejection(RejectReason.Crc, 1, 2);
            Publish(publisher, 2);
            var rejected = await ReadUntil(reader, decoder, ReadStatus.Rejected);

            rejected.Rejection.Reason.ShouldBe(RejectReason.Crc);
            rejected.Sequence.ShouldBe(good.Sequence, "the last value that was taken is still the good one");
            decoder.Number.ShouldBe(1);
            reader.Counters.Rejects(RejectReason.Crc).ShouldBeGreaterThanOrEqualTo(1);

            decoder.Reject = Rejection.None;
            Publish(publisher, 3);
            await ReadFresh(reader, decoder, 3);
        }
    }

    [Fact]
    public async Task Channels_do_not_mix()
    {
        foreach (var channel in Channels())
        {
            var other = channel with { Name = ChannelName.Parse("other-" + channel.Name) };
            var reader = Reader(Transport(), channel);
            var otherReader = Reader(Transport(), other);
            var publisher = Publisher(Transport(), channel);
            var otherPublisher = Publisher(Transport(), other);
            var decoder = new NumberDecoder();

            Publish(publisher, 1);
            Publish(otherPublisher, 2);

            await ReadFresh(otherReader, decoder, 2);
            await ReadFresh(reader, decoder, 1);
            otherReader.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
        }
    }

    private bool Has(TransportCapabilities capabilities) => (Promised & capabilities) == capabilities;

    private ITransport Transport()
    {
        var transport = OpenTransport();
        if (transport is IAsyncDisposable disposable)
        {
            _opened.Push(disposable);
        }

        return transport;
    }

    private IReader Reader(ITransport transport, ChannelSpec channel) => Kept(transport.OpenReader(channel));

    private IPublisher Publisher(ITransport transport, ChannelSpec channel) => Kept(transport.OpenPublisher(channel));

    private T Kept<T>(T end)
        where T : IAsyncDisposable
    {
        _opened.Push(end);
        return end;
    }

    private IEnumerable<ChannelSpec> Channels()
    {
        if (Has(TransportCapabilities.Latest))
        {
            yield return Latest();
        }

        if (Has(TransportCapabilities.Stream))
        {
            yield return Stream();
        }
    }

    private static ChannelSpec Latest() => new()
    {
        Name = ChannelName.Parse("sample"),
        MessageId = "conformance.sample/1",
        Delivery = Delivery.Latest,
        MaxPayloadBytes = MaxPayloadBytes,
        Period = TimeSpan.FromMilliseconds(100),
    };

    private static ChannelSpec Stream() => new()
    {
        Name = ChannelName.Parse("messages"),
        MessageId = "conformance.message/1",
        Delivery = Delivery.Stream,
        MaxPayloadBytes = MaxPayloadBytes,
    };

    private static void Publish(IPublisher publisher, long number) =>
        publisher.Publish(NumberedPayload.Of(number)).ShouldBe(PublishResult.Published, $"value {number}");

    private async Task<SampleInfo> ReadFresh(IReader reader, NumberDecoder decoder, long number)
    {
        var info = await ReadUntil(reader, decoder, ReadStatus.Fresh);
        decoder.Number.ShouldBe(number);
        return info;
    }

    private async Task<SampleInfo> ReadUntil(IReader reader, IPayloadDecoder decoder, ReadStatus expected)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var status = reader.Read(decoder, out var info);
            if (status == expected)
            {
                return info;
            }

            status.ShouldNotBe(ReadStatus.Fresh, $"{expected} was expected");
            if (clock.Elapsed > Watchdog)
            {
                throw new TimeoutException($"a read never gave {expected}; the last gave {status} ({info.Rejection})");
            }

            await Task.Delay(2);
        }
    }

    private async Task<T> Guarded<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Watchdog);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"never happened within {Watchdog}: {what}");
        }
    }
}
