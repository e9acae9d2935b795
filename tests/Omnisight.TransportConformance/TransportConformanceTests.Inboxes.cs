using Shouldly;
using Xunit;

namespace Omnisight.TransportConformance;

/// <content>Inboxes and the list of channels.</content>
public abstract partial class TransportConformanceTests
{
    [Fact]
    public async Task An_inbox_reaches_its_owner_and_nobody_else()
    {
        if (!Has(TransportCapabilities.Inboxes)) return;
        var sender = (IInboxTransport)Transport();
        var shared = Reader(Transport(), Stream());
        var first = Kept(((IInboxTransport)Transport()).OpenInbox(Stream()));
        var second = Kept(((IInboxTransport)Transport()).OpenInbox(Stream()));
        var decoder = new NumberDecoder();
        first.Address.ShouldNotBe(second.Address);

        for (var n = 1; n <= 20; n++)
        {
            sender.Send(Stream(), first.Address, NumberedPayload.Of(n)).ShouldBe(PublishResult.Published);
            sender.Send(Stream(), second.Address, NumberedPayload.Of(100 + n)).ShouldBe(PublishResult.Published);
        }

        for (var n = 1; n <= 20; n++)
        {
            await ReadFresh(first, decoder, n);
            await ReadFresh(second, decoder, 100 + n);
        }

        first.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
        second.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
        shared.Read(decoder, out _).ShouldNotBe(ReadStatus.Fresh);
    }

    [Fact]
    public async Task A_message_to_nobody_is_told()
    {
        if (!Has(TransportCapabilities.Inboxes)) return;
        var transport = (IInboxTransport)Transport();
        var inbox = ((IInboxTransport)Transport()).OpenInbox(Stream());
        transport.Send(Stream(), inbox.Address, NumberedPayload.Of(1)).ShouldBe(PublishResult.Published);
        var address = inbox.Address;
        await inbox.DisposeAsync();

        transport.Send(Stream(), address, NumberedPayload.Of(2)).ShouldBe(PublishResult.NoReader);
        transport.Send(Stream(), "12345-67890-0123456789abcdef", NumberedPayload.Of(3)).ShouldBe(PublishResult.NoReader);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../escape")]
    [InlineData("a/b")]
    [InlineData("/tmp/escape")]
    [InlineData("with\0nul")]
    [InlineData("with space")]
    [InlineData("with\nbreak")]
    [InlineData("ünïcode")]
    [InlineData("long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long")]
    public void A_bad_reply_address_is_refused(string address)
    {
        if (!Has(TransportCapabilities.Inboxes)) return;

        ((IInboxTransport)Transport()).Send(Stream(), address, NumberedPayload.Of(1)).ShouldBe(PublishResult.Failed);
    }

    [Fact]
    public async Task An_inbox_that_is_not_read_never_makes_the_sender_wait()
    {
        if (!Has(TransportCapabilities.Inboxes)) return;
        var sender = (IInboxTransport)Transport();
        var stalled = Kept(((IInboxTransport)Transport()).OpenInbox(Stream()));
        var other = Kept(((IInboxTransport)Transport()).OpenInbox(Stream()));

        var result = await Guarded(
            Task.Run(() =>
            {
                var last = PublishResult.Published;
                for (var n = 0; n < 1_000_000 && last == PublishResult.Published; n++)
                {
                    last = sender.Send(Stream(), stalled.Address, NumberedPayload.Of(n));
                }

                return last;
            }),
            "sending to a stalled inbox comes to an end");

        result.ShouldBe(PublishResult.Full);
        sender.Send(Stream(), other.Address, NumberedPayload.Of(7)).ShouldBe(PublishResult.Published);
        await ReadFresh(other, new NumberDecoder(), 7);
    }

    [Fact]
    public async Task Channels_are_listed_by_whoever_looks()
    {
        if (!Has(TransportCapabilities.Lists)) return;
        var directory = (IChannelDirectory)Transport();
        directory.ListChannels().ShouldBeEmpty();

        foreach (var channel in Channels())
        {
            var reader = Reader(Transport(), channel);
            var publisher = Publisher(Transport(), channel);
            Publish(publisher, 1);
            Publish(publisher, 2);

            var entry = ((IChannelDirectory)Transport()).ListChannels().Where(c => c.Name == channel.Name.Value).ShouldHaveSingleItem();
            entry.Delivery.ShouldBe(channel.Delivery);
            entry.State.ShouldBe("live");
            if (Has(TransportCapabilities.Sequenced) && channel.Delivery == Delivery.Latest && Has(TransportCapabilities.Retains))
            {
                entry.Epoch.ShouldBe(publisher.Epoch);
                entry.Sequence.ShouldBe(2ul);
                entry.PublishedMonoNs.ShouldBeGreaterThan(0);
            }

            await publisher.DisposeAsync();
            await reader.DisposeAsync();
            directory.ListChannels().Where(c => c.Name == channel.Name.Value && c.State == "live").ShouldBeEmpty("both ends are closed");
        }
    }
}
