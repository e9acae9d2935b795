using System.Text.Json;
using CsCheck;
using Omnisight.TestKit;
using Shouldly;
using Xunit;
using static Omnisight.Commands.Tests.ServerBench;

namespace Omnisight.Commands.Tests;

public sealed class CommandServerTests
{
    [Fact]
    public async Task Ping_is_answered_to_its_sender()
    {
        var bench = new ServerBench();

        var answer = await bench.Ask(Line("PING", "id-1", more: ""","reply_to":"12-ab" """));

        answer.Success.ShouldBeTrue();
        answer.RequestId.ShouldBe("id-1");
        answer.TimestampMs.ShouldBe(bench.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        bench.Answers.Sent.Single().ReplyTo.ShouldBe("12-ab");
        bench.Answers.Sent.Single().Line.ShouldBe($$"""{"request_id":"id-1","status":"success","timestamp":{{answer.TimestampMs}},"message":"pong"}""");
    }

    [Fact]
    public async Task Hello_tells_what_a_client_needs()
    {
        var bench = new ServerBench(o => o with { Greeting = json => json.WriteString("version", "1.2.3") });
        using var registration = bench.Server.Register(new ScriptedHandler("ECHO"));

        var data = (await bench.Ask(Line("HELLO"))).Data;

        data.GetProperty("instance").GetString().ShouldBe("bench");
        data.GetProperty("epoch").GetUInt64().ShouldBe(Epoch);
        data.GetProperty("protocol").GetInt32().ShouldBe(1);
        data.GetProperty("version").GetString().ShouldBe("1.2.3");
        data.GetProperty("commands").EnumerateArray().Select(c => c.GetString()).ShouldBe(["ECHO", "HELLO", "PING"]);
    }

    [Fact]
    public async Task A_command_is_carried_out_by_the_handler_of_its_type()
    {
        var bench = new ServerBench();
        var echo = new ScriptedHandler("ECHO");
        using var registration = bench.Server.Register(echo);

        var answer = await bench.Ask(Line("ECHO", data: """{"x":[1,{"y":"z"}]}"""));

        answer.Success.ShouldBeTrue();
        JsonElement.DeepEquals(answer.Data, JsonElement.Parse("""{"x":[1,{"y":"z"}]}""")).ShouldBeTrue();
        echo.Handled.Single().RequestId.ShouldBe("r1");
        bench.Server.Counters.Executed.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"type":"PING"}""", "bad_value")]
    [InlineData("""{"type":"PING","request_id":"a","request_id":"a"}""", "bad_json")]
    [InlineData("""{"type":"NOBODY.KNOWS","request_id":"a"}""", "unknown_command")]
    [InlineData("""{"type":"SYNC_SWARM","request_id":"a"}""", "not_enabled")]
    [InlineData("""{"type":"REFRESH_TIMELINES","request_id":"a"}""", "not_enabled")]
    [InlineData("""{"type":"PING","request_id":"a","epoch":4712}""", "wrong_epoch")]
    public async Task What_is_refused_is_answered_and_counted(string line, string code)
    {
        var bench = new ServerBench();

        var answer = await bench.Ask(line);

        answer.Success.ShouldBeFalse();
        answer.Code.ShouldBe(code);
        answer.Message.ShouldNotBeEmpty();
        bench.Server.Counters.Rejects[code].ShouldBe(1);
    }

    [Fact]
    public async Task The_epoch_of_this_start_is_accepted() =>
        (await new ServerBench().Ask(Line("PING", more: $",\"epoch\":{Epoch}"))).Success.ShouldBeTrue();

    [Fact]
    public async Task A_repetition_is_answered_with_the_same_acknowledgement_and_not_carried_out()
    {
        var bench = new ServerBench();
        var runs = 0;
        var handler = new ScriptedHandler("ADD", (_, _) => new(CommandResult.Ok($"run {++runs}")));
        using var registration = bench.Server.Register(handler);

        await bench.Ask(Line("ADD", "same"));
        bench.Clock.Advance(TimeSpan.FromSeconds(59));
        await bench.Ask(Line("ADD", "same"));
        await bench.Ask(Line("ADD", "other"));

        runs.ShouldBe(2);
        var lines = bench.Answers.Sent.Select(s => s.Line).ToList();
        lines[1].ShouldBe(lines[0]);
        lines[2].ShouldContain("run 2");
        bench.Server.Counters.Repeated.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"type":"ADD","timestamp":1,"request_id":"same","data":{"n":2}}""")]
    [InlineData("""{"type":"ADD","timestamp":1,"request_id":"same","data":{"n":1},"reply_to":"another"}""")]
    public async Task Another_sender_or_other_arguments_make_another_command(string second)
    {
        var bench = new ServerBench();
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);

        await bench.Ask("""{"type":"ADD","timestamp":1,"request_id":"same","data":{"n":1}}""");
        await bench.Ask(second);

        handler.Handled.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_command_is_forgotten_after_a_minute()
    {
        var bench = new ServerBench();
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);

        await bench.Ask(Line("ADD", "same"));
        bench.Clock.Advance(TimeSpan.FromSeconds(61));
        await bench.Ask(Line("ADD", "same"));

        handler.Handled.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_last_1024_commands_are_remembered()
    {
        var bench = new ServerBench(o => o with { Rate = 0 });
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);
        for (var i = 0; i < 1025; i++)
        {
            await bench.Ask(Line("ADD", $"id-{i}"));
        }

        for (var i = 1; i < 1025; i++)
        {
            await bench.Ask(Line("ADD", $"id-{i}"));
        }

        handler.Handled.Count.ShouldBe(1025);
        await bench.Ask(Line("ADD", "id-0"));
        handler.Handled.Count.ShouldBe(1026);
    }

    [Fact]
    public async Task A_flood_of_pings_makes_no_command_forgotten()
    {
        var bench = new ServerBench();
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);
        await bench.Ask(Line("ADD", "same"));

        for (var i = 0; i < 5000; i++)
        {
            bench.Receive(Line("PING", $"p{i}"));
        }

        await bench.Ask(Line("ADD", "same"));
        handler.Handled.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_repetition_of_a_command_under_way_is_answered_when_it_is_done()
    {
        var bench = new ServerBench();
        var finish = new TaskCompletionSource<CommandResult>();
        var handler = new ScriptedHandler("SLOW", (_, _) => new(finish.Task));
        using var registration = bench.Server.Register(handler);

        bench.Receive(Line("SLOW"));
        bench.Receive(Line("SLOW"));
        bench.Receive(Line("SLOW"));
        finish.SetResult(CommandResult.Ok("at last"));

        await Eventually.Become(() => bench.Answers.Sent.Count == 3, "every line is answered");
        bench.Answers.Sent.Select(s => s.Acknowledgement.Message).ShouldAllBe(m => m == "at last");
        handler.Handled.Count.ShouldBe(1);
    }

    [Fact]
    public async Task No_more_commands_run_in_a_second_than_the_rate_allows_and_all_are_answered()
    {
        var bench = new ServerBench(o => o with { Rate = 200 });
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);

        for (var tick = 0; tick < 100; tick++)
        {
            for (var i = 0; i < 100; i++)
            {
                bench.Receive(Line("ADD", $"{tick}-{i}"));
            }

            bench.Clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        await Eventually.Become(() => bench.Answers.Sent.Count == 10_000, "every line is answered");
        handler.Handled.Count.ShouldBe(200);
        bench.Server.Counters.Rejects["rate_limited"].ShouldBe(9_800);
        (await bench.Ask(Line("PING"))).Success.ShouldBeTrue();
        (await bench.Ask(Line("HELLO"))).Success.ShouldBeTrue();

        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        (await bench.Ask(Line("ADD", "later"))).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_repetition_takes_no_place_of_the_rate()
    {
        var bench = new ServerBench(o => o with { Rate = 1 });
        using var registration = bench.Server.Register(new ScriptedHandler("ADD"));

        (await bench.Ask(Line("ADD", "a"))).Success.ShouldBeTrue();
        (await bench.Ask(Line("ADD", "a"))).Success.ShouldBeTrue();
        (await bench.Ask(Line("ADD", "b"))).Code.ShouldBe("rate_limited");
    }

    [Fact]
    public async Task An_acknowledgement_that_nobody_takes_is_counted_and_nothing_waits()
    {
        var bench = new ServerBench();
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);
        bench.Answers.Result = PublishResult.NoReader;

        await bench.Ask(Line("ADD", "a", more: ""","reply_to":"gone" """));
        await bench.Ask(Line("ADD", "b", more: ""","reply_to":"gone" """));

        handler.Handled.Count.ShouldBe(2);
        bench.Server.Counters.AcksDropped.ShouldBe(2);
    }

    [Fact]
    public async Task A_sender_that_fails_ends_neither_the_queue_nor_the_server()
    {
        var bench = new ServerBench();
        var handler = new ScriptedHandler("ADD");
        using var registration = bench.Server.Register(handler);
        bench.Answers.Fails = true;
        bench.Receive(Line("PING"));
        bench.Receive(Line("ADD", "a"));
        await Eventually.Become(() => bench.Server.Counters.AcksDropped == 2, "both answers are lost");

        bench.Answers.Fails = false;

        (await bench.Ask(Line("ADD", "b"))).Success.ShouldBeTrue();
        handler.Handled.Count.ShouldBe(2);
    }

    [Fact]
    public void Whatever_bytes_come_each_line_is_answered_once_and_nothing_is_thrown()
    {
        var bench = new ServerBench();
        using var registration = bench.Server.Register(new ScriptedHandler("CONFIG_UPDATE", scope: CommandScope.Config));
        byte[][] lines =
        [
            "{\"type\":\"PING\",\"request_id\":\"a\",\"reply_to\":\"12-3\"}"u8.ToArray(),
            "{\"type\":\"HELLO\",\"request_id\":\"\\ud83d\\ude00\",\"data\":{\"a\":[1,2e3,null]}}"u8.ToArray(),
            "{\"type\":\"CONFIG_UPDATE\",\"request_id\":\"b\",\"token\":\"omni_x\",\"epoch\":4711}"u8.ToArray(),
            "{\"type\":\"SYNC_SWARM\",\"request_id\":\"c\",\"timestamp\":1}"u8.ToArray(),
        ];
        var change = Gen.Select(Gen.Int[0, 200], Gen.Byte, Gen.Int[0, 2]);
        var damaged = Gen.Select(Gen.Int[0, lines.Length - 1], change.Array[0, 4], (n, changes) =>
        {
            var bytes = new List<byte>(lines[n]);
            foreach (var (at, value, kind) in changes)
            {
                var i = at % bytes.Count;
                switch (kind)
                {
                    case 0: bytes[i] = value; break;
                    case 1: bytes.Insert(i, value); break;
                    default: bytes[i] ^= (byte)(1 << (value & 7)); break;
                }
            }

            return bytes.ToArray();
        });
        Gen.OneOf(damaged, Gen.Byte.Array[0, 300]).Sample(
            line =>
            {
                var before = bench.Answers.Sent.Count;
                bench.Server.Receive(line);
                bench.Answers.Sent.Count.ShouldBe(before + 1);
            },
            iter: 5_000, threads: 1);
    }

    [Fact]
    public void An_epoch_is_exact_in_every_json_reader()
    {
        for (var i = 0; i < 1000; i++)
        {
            CommandServerOptions.NewEpoch().ShouldBeInRange(1ul, (1ul << 53) - 1);
        }

        CommandServerOptions.NewEpoch().ShouldNotBe(CommandServerOptions.NewEpoch());
    }
}
