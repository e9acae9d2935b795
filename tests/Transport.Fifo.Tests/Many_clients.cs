using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.Fifo.Tests;

/// <summary>Several processes, one reader, an inbox for each.</summary>
[Trait("Category", "Process")]
public sealed class Many_clients : FifoTest
{
    [Fact]
    public async Task Two_processes_with_10000_lines_each_lose_none_and_mix_none()
    {
        using var answerer = Peer.Start(Instance, "fifo", "answer");
        await answerer.WaitForLine("answering");
        using var first = Peer.Start(Instance, "fifo", "tell --sender 1 --count 10000");
        using var second = Peer.Start(Instance, "fifo", "tell --sender 2 --count 10000");
        (await first.WaitForExit()).ShouldBe(0, first.Transcript());
        (await second.WaitForExit()).ShouldBe(0, second.Transcript());

        var result = JsonDocument.Parse(await answerer.Finish()).RootElement;
        result.GetProperty("lines").GetInt64().ShouldBe(20_000);
        result.GetProperty("bad").GetInt64().ShouldBe(0);
        result.GetProperty("too_large").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Each_client_gets_all_of_its_own_answers_and_none_of_another()
    {
        using var answerer = Peer.Start(Instance, "fifo", "answer");
        await answerer.WaitForLine("answering");
        var clients = Enumerable.Range(1, 2).Select(n => Peer.Start(Instance, "fifo", $"ask --sender {n} --count 3000")).ToList();
        foreach (var client in clients)
        {
            using (client)
            {
                (await client.WaitForExit()).ShouldBe(0, client.Transcript());
                var result = JsonDocument.Parse(client.Output.Last()).RootElement;
                result.GetProperty("answers").GetInt64().ShouldBe(3000);
                result.GetProperty("lost").GetInt64().ShouldBe(0);
                result.GetProperty("foreign").GetInt64().ShouldBe(0);
                result.GetProperty("bad").GetInt64().ShouldBe(0);
                result.GetProperty("disorder").GetInt64().ShouldBe(0);
            }
        }

        JsonDocument.Parse(await answerer.Finish()).RootElement.GetProperty("dropped").GetInt64().ShouldBe(0);
        Directory.EnumerateFiles(Instance.Directory, "*_cmd_ack.*").ShouldBeEmpty("clients take their inboxes away");
    }

    [Fact]
    public async Task An_abandoned_inbox_is_swept_and_a_living_one_is_not()
    {
        using var living = Peer.Start(Instance, "fifo", "hold inbox");
        using var dying = Peer.Start(Instance, "fifo", "hold inbox");
        using var inTheMaking = Peer.Start(Instance, "fifo", "hold inbox --fault inbox.made");
        var livingInbox = $"{AcksPath}.{(await living.WaitForLine("holding")).Split(' ')[1]}";
        var dyingInbox = $"{AcksPath}.{(await dying.WaitForLine("holding")).Split(' ')[1]}";
        dying.Signal(ChildProcess.SigKill);
        await dying.WaitForExit();
        await inTheMaking.WaitForExit();
        File.Exists(dyingInbox).ShouldBeTrue("a killed client can't clean up");

        var unlocked = $"{AcksPath}.1-2-read";
        using (var make = ChildProcess.Start("mkfifo", ["-m", "600", unlocked]))
        {
            await make.WaitForExit();
        }

        using var cat = ChildProcess.Start("sh", ["-c", $"exec cat <> '{unlocked}'"]);
        await Eventually.Become(() => WriteRaw(unlocked, "\n"), "cat reads");
        var age = TimeSpan.FromSeconds(1);
        await Eventually.Become(
            () => new[] { livingInbox, dyingInbox, unlocked }.All(inbox => DateTime.UtcNow - File.GetLastWriteTimeUtc(inbox) > age), "all are old enough to be swept");
        var sweeper = Other(new FifoOptions { InboxSweepAge = age });
        await using var own = sweeper.OpenInbox(FifoChannels.Acks);
        await Eventually.Become(() => !File.Exists(dyingInbox), "the dead one's inbox is swept");
        File.Exists(livingInbox).ShouldBeTrue();
        File.Exists(unlocked).ShouldBeTrue("somebody reads it");
        Transport.Send(FifoChannels.Acks, Path.GetFileName(livingInbox).Split('.')[^1], "{}"u8).ShouldBe(PublishResult.Published);
    }

    [Fact]
    public async Task An_answer_that_nobody_reads_waits_a_second_and_is_lost_and_one_to_an_inbox_at_once()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var acks = Other(new FifoOptions(), time).OpenPublisher(FifoChannels.Acks);
        acks.Publish("{\"n\":1}"u8).ShouldBe(PublishResult.Published);
        time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.Become(() => acks.Counters.Lost == 1, "nobody came for it");
        using var cat = ChildProcess.Start("head", ["-n", "1", AcksPath]);
        acks.Publish("{\"n\":2}"u8);
        (await cat.WaitForLine("{")).ShouldBe("{\"n\":2}");
        Transport.Send(FifoChannels.Acks, "1-2-abc", "{}"u8).ShouldBe(PublishResult.NoReader);
    }

    [Fact]
    public async Task Of_answers_that_nobody_reads_the_newest_wait()
    {
        await using var acks = Transport.OpenPublisher(FifoChannels.Acks);
        for (var i = 0; i < 100; i++)
        {
            acks.Publish(System.Text.Encoding.ASCII.GetBytes($"{{\"n\":{i}}}")).ShouldBe(PublishResult.Published);
        }

        acks.Counters.Lost.ShouldBe(36);
        using var head = ChildProcess.Start("head", ["-n", "64", AcksPath]);
        (await head.WaitForExit()).ShouldBe(0);
        head.Output.ShouldBe(Enumerable.Range(36, 64).Select(i => $"{{\"n\":{i}}}"));
    }

    [Fact]
    public async Task What_one_client_left_unread_is_not_for_the_next()
    {
        await using var acks = Transport.OpenPublisher(FifoChannels.Acks);
        acks.Publish("{\"n\":1}"u8);
        acks.Publish("{\"n\":2}"u8);
        using (var first = ChildProcess.Start("sh", ["-c", $"exec 3< '{AcksPath}'; echo open; read line"]))
        {
            await first.WaitForLine("open");
            await Eventually.Become(() => IsOpen(AcksPath), "the core has written");
        }

        await Eventually.Become(() => !IsOpen(AcksPath), "the core has let go of it");
        using var head = ChildProcess.Start("head", ["-n", "1", AcksPath]);
        acks.Publish("{\"n\":3}"u8);
        (await head.WaitForLine("{")).ShouldBe("{\"n\":3}");

        static bool IsOpen(string path) => Directory.EnumerateFiles("/proc/self/fd").Any(fd => new FileInfo(fd).LinkTarget == path);
    }

    [Fact]
    public async Task Of_two_writers_of_long_lines_the_second_is_refused()
    {
        await using var first = Transport.OpenPublisher(FifoChannels.Acks);
        var refused = Should.Throw<TransportException>(() => Other(new FifoOptions()).OpenPublisher(FifoChannels.Acks));
        refused.Error.ShouldBe(TransportError.InUse);
        refused.Message.ShouldContain($"pid {Environment.ProcessId}");
        Transport.ListChannels().Single(c => c.Name == "acks").Delivery.ShouldBe(Delivery.Stream);
    }

    [Theory]
    [InlineData("Client_7.main")]
    [InlineData("1-2-abc")]
    public async Task Every_name_that_a_command_may_give_is_an_inbox(string name)
    {
        using var make = ChildProcess.Start("mkfifo", ["-m", "600", $"{AcksPath}.{name}"]);
        await make.WaitForExit();
        using var head = ChildProcess.Start("head", ["-n", "1", $"{AcksPath}.{name}"]);
        await Eventually.Become(() => Transport.Send(FifoChannels.Acks, name, "{\"n\":1}"u8) == PublishResult.Published, "head has opened it");
        (await head.WaitForLine("{")).ShouldBe("{\"n\":1}");
    }

    [Fact]
    public async Task A_large_answer_reaches_a_slow_inbox_whole()
    {
        var slow = Other(new FifoOptions { PipeBytes = 4096 });
        await using var inbox = slow.OpenInbox(FifoChannels.Acks);
        var text = "{\"fill\":\"" + new string('x', 200_000) + "\"}";
        Transport.Send(FifoChannels.Acks, inbox.Address, System.Text.Encoding.ASCII.GetBytes(text)).ShouldBe(PublishResult.Published);
        Transport.Send(FifoChannels.Acks, inbox.Address, "{}"u8).ShouldBe(PublishResult.Full, "the first is not finished");
        (await inbox.ReadUntil(ReadStatus.Fresh)).Text.ShouldBe(text);
        Transport.Send(FifoChannels.Acks, inbox.Address, "{}"u8).ShouldBe(PublishResult.Published);
        (await inbox.ReadUntil(ReadStatus.Fresh)).Text.ShouldBe("{}");
    }

    [Fact]
    public async Task Fifty_inboxes_have_one_thread()
    {
        var inboxes = new List<IInbox>();
        for (var i = 0; i < 50; i++)
        {
            inboxes.Add(Transport.OpenInbox(FifoChannels.Acks));
        }

        var waits = inboxes.Select(inbox => inbox.WaitAsync(CancellationToken.None).AsTask()).ToList();
        var before = Directory.EnumerateDirectories("/proc/self/task").Count(IsFifoThread);
        inboxes.AddRange(Enumerable.Range(0, 50).Select(_ => Transport.OpenInbox(FifoChannels.Acks)));
        Directory.EnumerateDirectories("/proc/self/task").Count(IsFifoThread).ShouldBeLessThan(before + 25, "other tests' threads come and go meanwhile");
        Transport.Send(FifoChannels.Acks, inboxes[17].Address, "{}"u8).ShouldBe(PublishResult.Published);
        await waits[17];
        await Task.WhenAll(waits);
        foreach (var inbox in inboxes)
        {
            await inbox.DisposeAsync();
        }

        Context.Log.ShouldNotContain(l => l.Level >= LogLevel.Error);

        static bool IsFifoThread(string task)
        {
            try
            {
                return File.ReadAllText(task + "/comm").StartsWith("omnisight-fifo", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task When_all_writers_are_gone_the_reader_rests_and_wakes_for_the_next_line()
    {
        using var answerer = Peer.Start(Instance, "fifo", "answer");
        await answerer.WaitForLine("answering");
        using (var sender = Peer.Start(Instance, "fifo", "tell --count 100"))
        {
            (await sender.WaitForExit()).ShouldBe(0, sender.Transcript());
        }

        await Eventually.Become(() => Threads.AllSleep(answerer.Id), "it has answered all");
        var before = Peer.CpuTicks(answerer.Id);
        await Task.Delay(2000);
        // A reader that meets an end of file spins at 100 ticks a second; start-up work of the runtime may still show.
        (Peer.CpuTicks(answerer.Id) - before).ShouldBeLessThan(50);
        WriteRaw(CommandsPath, "{\"sender\":1,\"n\":0,\"fill\":\"\"}\n").ShouldBeTrue();
        JsonDocument.Parse(await answerer.Finish()).RootElement.GetProperty("lines").GetInt64().ShouldBe(101);
    }

    [Fact]
    public async Task A_killed_reader_does_not_stop_its_writers_and_its_successor_gets_their_lines()
    {
        await using var publisher = Transport.OpenPublisher(FifoChannels.Commands);
        for (var life = 0; life < 3; life++)
        {
            using var reader = Peer.Start(Instance, "fifo", "hold reader");
            await reader.WaitForLine("holding");
            await Eventually.Become(() => publisher.Publish("{}"u8) == PublishResult.Published, "the new reader is found");
            reader.Signal(ChildProcess.SigKill);
            await reader.WaitForExit();
            publisher.Publish("{}"u8).ShouldBe(PublishResult.NoReader);
        }

        await using var last = Transport.OpenReader(FifoChannels.Commands);
        publisher.Publish("{\"n\":1}"u8).ShouldBe(PublishResult.Published);
        (await last.ReadUntil(ReadStatus.Fresh)).Text.ShouldBe("{\"n\":1}");
    }
}
