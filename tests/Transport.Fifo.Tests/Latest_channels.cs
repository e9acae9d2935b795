using System.Text;
using System.Text.Json;
using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.Fifo.Tests;

/// <summary>A Latest channel to one reader, as NDJSON.</summary>
public sealed class Latest_channels : FifoTest
{
    [Fact]
    [Trait("Category", "Process")]
    public async Task Cat_shows_one_value_a_line_and_may_come_and_go()
    {
        await using var publisher = Transport.OpenPublisher(FifoChannels.Detections);
        for (var visit = 0; visit < 3; visit++)
        {
            using var cat = ChildProcess.Start("cat", [DetectionsPath]);
            await Eventually.Become(() => { Publish(publisher, visit); return cat.Output.Count >= 5; }, "cat shows lines");
            foreach (var line in cat.Output)
            {
                using var value = JsonDocument.Parse(line);
                value.RootElement.GetProperty("epoch").GetUInt64().ShouldBe(publisher.Epoch);
                value.RootElement.GetProperty("frame_id").GetInt32().ShouldBeLessThanOrEqualTo(visit);
            }

            cat.Signal(ChildProcess.SigKill);
            await cat.WaitForExit();
        }
    }

    [Fact]
    public async Task A_value_that_nobody_read_yet_is_given_to_the_first_reader()
    {
        await using var publisher = Transport.OpenPublisher(FifoChannels.Detections);
        Publish(publisher, 1);
        Publish(publisher, 2);
        await using var reader = Transport.OpenReader(FifoChannels.Detections);
        var (text, info) = await reader.ReadUntil(ReadStatus.Fresh);
        text.ShouldContain("\"frame_id\":2");
        info.Sequence.ShouldBe(2u);
        publisher.Counters.Lost.ShouldBe(0);
    }

    [Fact]
    public async Task A_reader_that_stalls_gets_the_newest_value_and_learns_how_many_it_missed()
    {
        await using var reader = Other(new FifoOptions { PipeBytes = 4096 }).OpenReader(FifoChannels.Detections);
        await using var publisher = Transport.OpenPublisher(FifoChannels.Detections);
        var fill = new string('x', 3000);
        for (var n = 1; n <= 100; n++)
        {
            publisher.Publish(Encoding.ASCII.GetBytes($"{{\"frame_id\":{n},\"fill\":\"{fill}\"}}")).ShouldBe(PublishResult.Published);
        }

        ulong seen = 0;
        SampleInfo info = default;
        await Eventually.Become(
            () =>
            {
                if (reader.Read(new TextDecoder(), out info) == ReadStatus.Fresh)
                {
                    // Values before the first that was read are nobody's gap.
                    seen = seen == 0 ? info.Sequence : seen + info.Missed + 1;
                }

                return info.Sequence == 100;
            },
            "the newest value arrives");
        seen.ShouldBe(100u);
        publisher.Counters.Lost.ShouldBeGreaterThan(0);
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task A_writer_killed_inside_a_line_never_gives_a_value_that_is_not_whole()
    {
        await using var reader = Other(new FifoOptions { PipeBytes = 4096 }).OpenReader(FifoChannels.Detections);
        for (var life = 0; life < 5; life++)
        {
            using var writer = Peer.Start(Instance, "fifo", $"die-at fifo.half_line --hit {1 + life} --channel detections --bytes 200000 --interval-us 500");
            var decoder = new TextDecoder();
            var fresh = 0;
            while (!writer.HasExited)
            {
                if (reader.Read(decoder, out _) == ReadStatus.Fresh)
                {
                    fresh++;
                    using var whole = JsonDocument.Parse(decoder.Text);
                    var fill = whole.RootElement.GetProperty("fill").GetString()!;
                    var n = whole.RootElement.GetProperty("n").GetUInt64();
                    fill.ShouldBe(new string((char)('a' + (n % 26)), fill.Length));
                }

                await reader.WaitAsync(CancellationToken.None);
            }

            writer.ExitCode.ShouldBe(128 + ChildProcess.SigKill, writer.Transcript());
        }

        // The last one's half line and the next whole line are one line to a pipe; the one after is whole again.
        await using var next = Transport.OpenPublisher(FifoChannels.Detections);
        await Eventually.Become(() => { Publish(next, 7); return reader.ReadText(out var text) == ReadStatus.Fresh && text.Contains("\"frame_id\":7"); }, "a whole value after a half one");
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task A_killed_writer_is_gone_and_a_new_one_has_a_new_epoch()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Detections);
        using var writer = Peer.Start(Instance, "fifo", "publish --channel detections --interval-us 50000");
        var first = await reader.ReadUntil(ReadStatus.Fresh);
        writer.Signal(ChildProcess.SigKill);
        await writer.WaitForExit();
        await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.WriterGone, "the writer is gone");

        await using var next = Transport.OpenPublisher(FifoChannels.Detections);
        Publish(next, 1);
        var (_, info) = await reader.ReadUntil(ReadStatus.Fresh);
        info.Epoch.ShouldBe(next.Epoch);
        info.Epoch.ShouldNotBe(first.Info.Epoch);
        reader.Counters.Resets.ShouldBe(1);
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task A_stopped_writer_is_idle_not_gone()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Detections);
        using var writer = Peer.Start(Instance, "fifo", "publish --channel detections --interval-us 50000");
        await reader.ReadUntil(ReadStatus.Fresh);
        writer.Signal(ChildProcess.SigStop);
        await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.Idle, "the writer is idle");
        writer.Signal(ChildProcess.SigCont);
        await reader.ReadUntil(ReadStatus.Fresh);
    }

    /// <summary>Somebody opened it with no lock and does not read; a line is half written to them when a reader of ours makes the FIFO anew.</summary>
    [Fact]
    public async Task A_stranger_that_stalls_inside_a_long_line_keeps_no_value_from_the_next_reader()
    {
        await using var publisher = Transport.OpenPublisher(FifoChannels.Detections);
        Publish(publisher, 1);
        using var stranger = ChildProcess.Start("sh", ["-c", $"exec sleep 600 <'{DetectionsPath}'"]);
        var fill = new string('x', 5000);
        await Eventually.Become(
            () => publisher.Publish(Encoding.ASCII.GetBytes($"{{\"frame_id\":2,\"fill\":\"{fill}\"}}")) == PublishResult.Published && publisher.Counters.Lost > 0, "the stranger's pipe is full");

        await using var reader = Transport.OpenReader(FifoChannels.Detections);

        await Eventually.Become(
            () =>
            {
                publisher.Publish(Encoding.ASCII.GetBytes($"{{\"frame_id\":3,\"fill\":\"{fill}\"}}"));
                return reader.Read(new TextDecoder(), out _) == ReadStatus.Fresh;
            },
            "the reader has a value");
        stranger.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task A_long_line_is_finished_before_the_next_one_begins()
    {
        await using var reader = Other(new FifoOptions { PipeBytes = 4096 }).OpenReader(FifoChannels.Acks);
        await using var publisher = Transport.OpenPublisher(FifoChannels.Acks);
        var sent = 0;
        var decoder = new TextDecoder();
        var watchdog = System.Diagnostics.Stopwatch.StartNew();
        for (var received = 0; received < 30;)
        {
            if (watchdog.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException($"only {received} of 30 lines came");
            }

            if (sent < 30 && publisher.Publish(Encoding.ASCII.GetBytes($"{{\"n\":{sent},\"fill\":\"{new string((char)('a' + (sent % 26)), 9000 * (1 + (sent % 20)))}\"}}")) == PublishResult.Published)
            {
                sent++;
            }

            if (reader.Read(decoder, out _) == ReadStatus.Fresh)
            {
                using var line = JsonDocument.Parse(decoder.Text);
                line.RootElement.GetProperty("n").GetInt32().ShouldBe(received);
                line.RootElement.GetProperty("fill").GetString().ShouldBe(new string((char)('a' + (received % 26)), 9000 * (1 + (received % 20))));
                received++;
            }
        }

        reader.Counters.TotalRejects.ShouldBe(0);
    }

    [Theory]
    [InlineData("[1,2]")]
    [InlineData("{\"epoch\":1,\"epoch\":2}")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"\xff\"}")]
    public async Task A_line_that_is_no_json_object_is_rejected_and_the_last_value_stays(string line)
    {
        await using var reader = Transport.OpenReader(FifoChannels.Detections);
        WriteRaw(DetectionsPath, "{\"foreign\":1}\n").ShouldBeTrue();
        var first = await reader.ReadUntil(ReadStatus.Fresh);
        first.Info.Sequence.ShouldBe(1u);
        WriteRaw(DetectionsPath, line + "\n").ShouldBeTrue();
        var (_, info) = await reader.ReadUntil(ReadStatus.Rejected);
        info.Rejection.Reason.ShouldBe(RejectReason.BadJson);
        info.Sequence.ShouldBe(1u);
        WriteRaw(DetectionsPath, "{\"foreign\":2}\n").ShouldBeTrue();
        (await reader.ReadUntil(ReadStatus.Fresh)).Info.Sequence.ShouldBe(2u);
    }

    private static void Publish(IPublisher publisher, int frame) =>
        publisher.Publish(Encoding.ASCII.GetBytes($"{{\"frame_id\":{frame},\"detections\":[]}}")).ShouldBe(PublishResult.Published);
}
