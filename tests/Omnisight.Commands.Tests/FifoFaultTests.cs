using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.TestKit;
using Shouldly;
using Xunit;
using static Omnisight.Commands.Tests.ServerBench;

namespace Omnisight.Commands.Tests;

/// <summary>What goes wrong with commands on real FIFOs, and what must happen (FAULTS.md 38 to 56).</summary>
[Trait("Category", "Process")]
public sealed class FifoFaultTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Lines_that_are_too_long_are_answered_and_the_others_are_intact()
    {
        await using var bench = new FifoBench();
        var inbox = new Inbox(bench.Transport().OpenReader(CommandChannels.Acks));

        await bench.WriteRaw(Line("PING", "before") + "\n" + new string('x', 4097) + "\n" + Line("PING", "between") + "\n" + new string('y', 70_000) + "\n" + Line("PING", "after") + "\n");

        (await inbox.Next()).RequestId.ShouldBe("before");
        (await inbox.Next()).Code.ShouldBe("too_large");
        (await inbox.Next()).RequestId.ShouldBe("between");
        (await inbox.Next()).Code.ShouldBe("too_large");
        (await inbox.Next()).RequestId.ShouldBe("after");
        bench.Server.Counters.Rejects["too_large"].ShouldBe(2);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_answered_to_the_inbox_that_its_beginning_names()
    {
        await using var bench = new FifoBench();
        await using var opened = bench.Transport().OpenInbox(CommandChannels.Acks);
        var inbox = new Inbox(opened);

        foreach (var length in (int[])[4097, 5000, 70_000])
        {
            await bench.WriteRaw($$$"""{"type":"ECHO","request_id":"r{{{length}}}","reply_to":"{{{opened.Address}}}","data":{"x":"{{{new string('x', length)}}}"}}""" + "\n");

            var answer = await inbox.Next();
            answer.Code.ShouldBe("too_large");
            answer.RequestId.ShouldBe($"r{length}");
        }
    }

    [Fact]
    public async Task A_shell_that_opens_the_pipe_of_answers_as_it_asks_is_answered()
    {
        await using var bench = new FifoBench();
        for (var i = 0; i < 20; i++)
        {
            // As docs/protocol/commands.md shows it: the core may well answer before head has opened.
            using var shell = ChildProcess.Start("sh", ["-c", $"head -n 1 '{bench.AckPath}' & echo '{Line("PING", $"shell-{i}")}' > '{bench.CommandPath}'; wait"]);
            (await shell.WaitForExit()).ShouldBe(0, shell.Transcript());
            shell.Transcript().ShouldContain($"\"request_id\":\"shell-{i}\"");
        }

        bench.Server.Counters.AcksDropped.ShouldBe(0);
    }

    [Fact]
    public async Task Shells_killed_at_any_moment_leave_the_next_one_its_answer()
    {
        await using var bench = new FifoBench();
        for (var i = 0; i < 20; i++)
        {
            using (var killed = ChildProcess.Start("sh", ["-c", $"exec 3<> '{bench.AckPath}'; printf '{{\"type\":\"PING\",\"request_id\":\"cut' > '{bench.CommandPath}'; echo begun; read line"]))
            {
                await killed.WaitForLine("begun");
                killed.Signal(ChildProcess.SigKill);
                await killed.WaitForExit();
            }

            // What was begun and not ended takes the next line with it: one is lost, the one after is answered.
            await bench.WriteRaw("\n");
            using var shell = ChildProcess.Start("sh", ["-c", $"exec 3<> '{bench.AckPath}'; echo '{Line("PING", $"whole-{i}")}' > '{bench.CommandPath}'; while read -r line <&3; do case $line in *whole-{i}*) echo \"$line\"; exit 0;; esac; done"]);
            (await shell.WaitForExit()).ShouldBe(0, shell.Transcript());
        }
    }

    [Fact]
    public async Task Whatever_name_of_an_inbox_is_accepted_is_answered()
    {
        await using var bench = new FifoBench();
        const string Name = "My_client.7-A";
        using var shell = ChildProcess.Start("sh", ["-c", $"mkfifo -m 600 '{bench.AckPath}.{Name}'; exec 3<> '{bench.AckPath}.{Name}'; echo '{Line("PING", "named", more: $",\"reply_to\":\"{Name}\"")}' > '{bench.CommandPath}'; head -n 1 <&3"]);
        (await shell.WaitForExit()).ShouldBe(0, shell.Transcript());
        shell.Transcript().ShouldContain("pong");
    }

    [Fact]
    public async Task The_longest_line_that_is_allowed_is_carried_out()
    {
        await using var bench = new FifoBench();
        using var registration = bench.Server.Register(new ScriptedHandler("ECHO"));
        var inbox = new Inbox(bench.Transport().OpenReader(CommandChannels.Acks));
        var empty = Line("ECHO", "id", """{"x":""}""").Length;

        await bench.WriteRaw(Line("ECHO", "id", $$"""{"x":"{{new string('x', 4095 - empty)}}"}""") + "\n");

        var answer = await inbox.Next();
        answer.Success.ShouldBeTrue(answer.Message);
        answer.Data.GetProperty("x").GetString()!.Length.ShouldBe(4095 - empty);
    }

    [Fact]
    public async Task Two_clients_each_get_their_own_answers()
    {
        await using var bench = new FifoBench();
        await using var first = bench.Client();
        await using var second = bench.Client();
        using var registration = bench.Server.Register(new ScriptedHandler("ECHO"));

        await Task.WhenAll(new[] { first, second }.SelectMany((client, c) => Enumerable.Range(0, 50).Select(async i =>
        {
            var answer = await client.SendAsync("ECHO", JsonElement.Parse($$"""{"me":"{{c}}-{{i}}"}"""), Long);
            answer.Success.ShouldBeTrue(answer.Message);
            answer.Data.GetProperty("me").GetString().ShouldBe($"{c}-{i}");
        })));
    }

    [Fact]
    public async Task Without_a_reader_of_acknowledgements_commands_are_carried_out_all_the_same()
    {
        await using var bench = new FifoBench();
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);

        for (var i = 0; i < 20; i++)
        {
            await bench.WriteRaw(Line("ADD", $"{i}", more: i % 2 == 0 ? "" : ""","reply_to":"1-2-dead" """) + "\n");
        }

        await Eventually.Become(() => handler.Handled.Count == 20 && bench.Server.Counters.AcksDropped == 20, "all are carried out, no answer is taken");
        await using var client = bench.Client();
        (await client.SendAsync("PING", default, Long)).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_that_never_reads_its_inbox_delays_nobody()
    {
        await using var bench = new FifoBench();
        var stalled = bench.Transport().OpenInbox(CommandChannels.Acks);
        var lines = new StringBuilder();
        for (var i = 0; i < 10_000; i++)
        {
            lines.Append(Line("PING", $"{i}", more: $",\"reply_to\":\"{stalled.Address}\"")).Append('\n');
        }

        await bench.WriteRaw(lines.ToString());

        await using var client = bench.Client();
        (await client.SendAsync("PING", default, Long)).Success.ShouldBeTrue();
        await Eventually.Become(() => bench.Server.Counters.Received >= 10_001, "all lines are taken");
        bench.Server.Counters.AcksDropped.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Text_that_is_not_text_is_bad_json_and_the_channel_goes_on()
    {
        await using var bench = new FifoBench();
        var inbox = new Inbox(bench.Transport().OpenReader(CommandChannels.Acks));
        byte[][] lines =
        [
            [0xFF, 0xFE, (byte)'{', (byte)'}'],
            Encoding.UTF8.GetBytes("""{"type":"PING","request_id":"a","data":{"x":"\ud800"}}"""),
            Encoding.UTF8.GetBytes("{\"type\":\"PING\",\"request_id\":\"a\0\"}"),
            Encoding.UTF8.GetBytes("\uFEFF{\"type\":\"PING\",\"request_id\":\"a\"}"),
            Encoding.UTF8.GetBytes(new string('[', 4000)),
            Encoding.UTF8.GetBytes("""{"type":"PING","type":"PING","request_id":"a"}"""),
            Encoding.UTF8.GetBytes("""{"type":"PING","request_id":"a","x":1}"""),
            Encoding.UTF8.GetBytes("""{"type":"PING","request_id":"a"}{}"""),
        ];

        foreach (var line in lines)
        {
            await bench.WriteRaw([.. line, (byte)'\n']);
            (await inbox.Next()).Code.ShouldBe("bad_json");
        }

        await bench.WriteRaw("""{"type":"PING","request_id":"a","timestamp":1e400}""" + "\n");
        (await inbox.Next()).Code.ShouldBe("bad_value");
        await bench.WriteRaw(new string('[', 1_000_000) + "\n");
        (await inbox.Next()).Code.ShouldBe("too_large");
        await bench.WriteRaw(Line("PING", "still here") + "\n");
        (await inbox.Next()).RequestId.ShouldBe("still here");
    }

    [Fact]
    public async Task The_same_request_twice_runs_once()
    {
        await using var bench = new FifoBench();
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);
        var inbox = new Inbox(bench.Transport().OpenReader(CommandChannels.Acks));

        await bench.WriteRaw(Line("ADD", "same") + "\n" + Line("ADD", "same") + "\n");

        var first = await inbox.Next();
        var second = await inbox.Next();
        second.ShouldBe(first with { Data = second.Data });
        handler.Handled.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_flood_is_answered_line_by_line_and_only_the_rate_runs()
    {
        await using var bench = new FifoBench();
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);
        var transport = bench.Transport();
        await using var sender = transport.OpenPublisher(CommandChannels.Commands);
        var start = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < 3000; i++)
        {
            var line = Encoding.UTF8.GetBytes(Line("ADD", $"{i}"));
            await Eventually.Become(() => sender.Publish(line) == PublishResult.Published, "the pipe takes the line");
        }

        await Eventually.Become(() => bench.Server.Counters.AcksDropped == 3000, "every line is answered, though nobody reads");
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        handler.Handled.Count.ShouldBeLessThanOrEqualTo(200 * ((int)seconds + 1));
        (handler.Handled.Count + bench.Server.Counters.Rejects.GetValueOrDefault("rate_limited")).ShouldBe(3000);
    }

    [Fact]
    public async Task A_handler_that_hangs_is_answered_for_and_the_queue_goes_on()
    {
        await using var bench = new FifoBench(o => o with { HandlerTimeout = TimeSpan.FromSeconds(2) });
        using var hang = bench.Server.Register(new ScriptedHandler("HANG", async (_, cancel) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(60), cancel);
            return CommandResult.Ok("late");
        }));
        using var echo = bench.Server.Register(new ScriptedHandler("ECHO"));
        await using var client = bench.Client();

        var hanging = client.SendAsync("HANG", default, Long);
        (await client.SendAsync("ECHO", default, Long)).Success.ShouldBeTrue();
        (await hanging).Code.ShouldBe("timeout");
        (await client.SendAsync("ECHO", default, Long)).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task An_unauthorised_shutdown_is_refused_recorded_and_survived()
    {
        using var instance = new TestInstance();
        using var audit = AuditLog.Open(instance.Directory, instance.Name, TimeProvider.System, NullLogger.Instance);
        await using var bench = new FifoBench(o => o with { Audit = audit });
        var handler = new ScriptedHandler("SHUTDOWN", scope: CommandScope.Admin);
        using var registration = bench.Server.Register(handler);
        await using var client = bench.Client();

        (await client.SendAsync("SHUTDOWN", default, Long)).Code.ShouldBe("unauthorized");

        handler.Handled.ShouldBeEmpty();
        (await File.ReadAllTextAsync(instance.FilePath(instance.Name + "_audit.ndjson"))).ShouldContain("\"outcome\":\"unauthorized\"");
        (await client.SendAsync("PING", default, Long)).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_fifo_that_is_removed_is_made_anew_and_answers()
    {
        await using var bench = new FifoBench();
        File.Delete(bench.CommandPath);
        await using var client = bench.Client();

        (await client.SendAsync("PING", default, Long)).Success.ShouldBeTrue();
    }
}
