using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.Fifo.Tests;

public sealed class Stream_channels : FifoTest
{
    [Fact]
    public async Task Lines_arrive_in_order_each_once()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        await using var publisher = Transport.OpenPublisher(FifoChannels.Commands);
        for (var i = 0; i < 100; i++)
        {
            publisher.Publish(System.Text.Encoding.UTF8.GetBytes($"{{\"n\":{i}}}")).ShouldBe(PublishResult.Published);
        }

        for (var i = 0; i < 100; i++)
        {
            reader.ReadText(out var text).ShouldBe(ReadStatus.Fresh);
            text.ShouldBe($"{{\"n\":{i}}}");
        }

        reader.ReadText(out _).ShouldBe(ReadStatus.Unchanged);
    }

    [Fact]
    public async Task A_waiting_reader_wakes_for_a_line()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        await using var publisher = Transport.OpenPublisher(FifoChannels.Commands);
        for (var i = 0; i < 20; i++)
        {
            var wait = reader.WaitAsync(TestContext.Current.CancellationToken);
            publisher.Publish("{}"u8);
            (await wait).ShouldBeTrue();
            await reader.ReadUntil(ReadStatus.Fresh);
        }
    }

    [Fact]
    public async Task Without_a_reader_a_line_is_refused()
    {
        await using var publisher = Transport.OpenPublisher(FifoChannels.Commands);
        publisher.Publish("{}"u8).ShouldBe(PublishResult.NoReader);
        File.Exists(CommandsPath).ShouldBeFalse();
    }

    [Fact]
    public async Task A_second_reader_is_refused_naming_the_first()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        var refused = Should.Throw<TransportException>(() => Transport.OpenReader(FifoChannels.Commands));
        refused.Error.ShouldBe(TransportError.InUse);
        refused.Message.ShouldContain($"pid {Environment.ProcessId}");
    }
}
