using System.Text;
using Microsoft.Extensions.Time.Testing;
using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.Fifo.Tests;

/// <summary>What writers that know nothing of us may put into the pipe.</summary>
public sealed class Bad_lines : FifoTest
{
    [Theory]
    [InlineData(4097)]
    [InlineData(70_000)]
    public async Task A_line_that_is_too_long_is_told_once_and_its_neighbours_arrive(int bytes)
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        WriteRaw(CommandsPath, "{\"n\":1}\n" + new string('x', bytes - 1) + "\n{\"n\":2}\n").ShouldBeTrue();

        reader.ReadText(out var text).ShouldBe(ReadStatus.Fresh);
        text.ShouldBe("{\"n\":1}");
        reader.Read(new TextDecoder(), out var info).ShouldBe(ReadStatus.Rejected);
        info.Rejection.ShouldBe(new Rejection(RejectReason.TooLarge, (ulong)bytes, 4096));
        reader.ReadText(out text).ShouldBe(ReadStatus.Fresh);
        text.ShouldBe("{\"n\":2}");
        reader.ReadText(out _).ShouldBe(ReadStatus.Unchanged);
        reader.Counters.Rejects(RejectReason.TooLarge).ShouldBe(1);
    }

    [Fact]
    public async Task A_line_of_4096_bytes_passes()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        await using var publisher = Transport.OpenPublisher(FifoChannels.Commands);
        var payload = Encoding.ASCII.GetBytes("{\"f\":\"" + new string('x', 4095 - 8) + "\"}");
        payload.Length.ShouldBe(4095);
        publisher.Publish(payload).ShouldBe(PublishResult.Published);
        reader.ReadText(out var text).ShouldBe(ReadStatus.Fresh);
        text.Length.ShouldBe(4095);
        publisher.Publish(Encoding.ASCII.GetBytes("{\"f\":\"" + new string('x', 4096 - 8) + "\"}")).ShouldBe(PublishResult.TooLarge);
    }

    [Theory]
    [InlineData("\xff\xfe\xfd")]
    [InlineData("\"\xed\xa0\x80\"")]
    [InlineData("{\"a\":\0}")]
    [InlineData("\xef\xbb\xbf{}")]
    [InlineData("not json at all")]
    public async Task Bytes_of_any_kind_stay_one_line_and_the_channel_stays_open(string line)
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        WriteRaw(CommandsPath, line + "\n{\"n\":2}\n").ShouldBeTrue();
        var bytes = new BytesDecoder();
        reader.Read(bytes, out _).ShouldBe(ReadStatus.Fresh);
        Encoding.Latin1.GetString(bytes.Bytes).ShouldBe(line);
        reader.ReadText(out var next).ShouldBe(ReadStatus.Fresh);
        next.ShouldBe("{\"n\":2}");
    }

    [Fact]
    public async Task Empty_lines_are_no_messages()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        WriteRaw(CommandsPath, "\n\r\n  \n{}\n\n").ShouldBeTrue();
        reader.ReadText(out var text).ShouldBe(ReadStatus.Fresh);
        text.ShouldBe("{}");
        reader.ReadText(out _).ShouldBe(ReadStatus.Unchanged);
    }

    [Fact]
    public async Task Line_breaks_inside_a_value_do_not_break_its_line()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        await using var publisher = Transport.OpenPublisher(FifoChannels.Commands);
        publisher.Publish("{\r\n  \"n\": 1\n}"u8).ShouldBe(PublishResult.Published);
        reader.ReadText(out var text).ShouldBe(ReadStatus.Fresh);
        text.ShouldBe("{    \"n\": 1 }");
    }

    [Fact]
    public async Task A_half_line_is_dropped_after_five_seconds_and_the_next_line_is_whole()
    {
        var time = new FakeTimeProvider();
        await using var reader = Other(new FifoOptions(), time).OpenReader(FifoChannels.Commands);
        WriteRaw(CommandsPath, "{\"half\":").ShouldBeTrue();
        reader.ReadText(out _).ShouldBe(ReadStatus.NotReady);
        time.Advance(TimeSpan.FromSeconds(4.9));
        reader.ReadText(out _).ShouldBe(ReadStatus.NotReady);
        time.Advance(TimeSpan.FromSeconds(0.1));
        reader.Read(new TextDecoder(), out var info).ShouldBe(ReadStatus.Rejected);
        info.Rejection.ShouldBe(new Rejection(RejectReason.Truncated, 8));

        WriteRaw(CommandsPath, "{}\n").ShouldBeTrue();
        reader.ReadText(out var text).ShouldBe(ReadStatus.Fresh);
        text.ShouldBe("{}");
    }

    [Fact]
    public async Task A_line_that_ends_in_time_is_not_dropped()
    {
        var time = new FakeTimeProvider();
        await using var reader = Other(new FifoOptions(), time).OpenReader(FifoChannels.Commands);
        foreach (var part in new[] { "{\"a\"", ":", "1" })
        {
            WriteRaw(CommandsPath, part).ShouldBeTrue();
            reader.ReadText(out _).ShouldBe(ReadStatus.NotReady);
            time.Advance(TimeSpan.FromSeconds(1.5));
        }

        WriteRaw(CommandsPath, "}\n").ShouldBeTrue();
        reader.ReadText(out var text).ShouldBe(ReadStatus.Fresh);
        text.ShouldBe("{\"a\":1}");
    }

    private sealed class BytesDecoder : IPayloadDecoder
    {
        public byte[] Bytes { get; private set; } = [];

        public Rejection Decode(ReadOnlySpan<byte> payload)
        {
            Bytes = payload.ToArray();
            return Rejection.None;
        }
    }
}
