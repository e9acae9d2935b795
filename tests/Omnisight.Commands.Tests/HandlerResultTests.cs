using System.Text.Json;
using Shouldly;
using Xunit;
using static Omnisight.Commands.Tests.ServerBench;

namespace Omnisight.Commands.Tests;

public sealed class HandlerResultTests
{
    [Fact]
    public async Task A_result_that_cannot_be_written_is_answered_and_the_next_command_runs()
    {
        var bench = new ServerBench();
        var calls = 0;
        using var registration = bench.Server.Register(new ScriptedHandler("LOOK", (_, _) =>
        {
            using var document = JsonDocument.Parse("""{"seen":1}""");
            return ValueTask.FromResult(++calls == 1 ? CommandResult.Ok("disposed", document.RootElement) : calls == 2 ? null! : CommandResult.Ok("whole"));
        }));

        (await bench.Ask(Line("LOOK", "r1"))).Code.ShouldBe("failed");
        (await bench.Ask(Line("LOOK", "r2"))).Code.ShouldBe("failed");
        (await bench.Ask(Line("LOOK", "r3"))).Message.ShouldBe("whole");
    }

    [Fact]
    public async Task A_result_that_is_too_long_to_send_is_answered_and_so_is_its_repetition()
    {
        var bench = new ServerBench();
        var calls = 0;
        using var registration = bench.Server.Register(new ScriptedHandler("LOOK", (_, _) =>
        {
            calls++;
            return ValueTask.FromResult(CommandResult.Ok("here", JsonSerializer.SerializeToElement(new string('x', 300_000))));
        }));

        foreach (var _ in new[] { "first", "again" })
        {
            var answer = await bench.Ask(Line("LOOK", "r1"));
            (answer.Success, answer.Code).ShouldBe((false, "failed"));
            answer.Message.ShouldContain("carried out");
            bench.Answers.Sent.Last().Line.Length.ShouldBeLessThan(1000);
        }

        calls.ShouldBe(1);
    }

    [Fact]
    public async Task A_repetition_with_a_token_that_is_none_counts_against_the_rate()
    {
        var bench = new ServerBench(o => o with { Rate = 3 });
        using var registration = bench.Server.Register(new ScriptedHandler("LOOK", (_, _) => ValueTask.FromResult(CommandResult.Ok("seen"))));
        (await bench.Ask(Line("LOOK", "r1"))).Success.ShouldBeTrue();

        var codes = new List<string?>();
        for (var n = 0; n < 10; n++)
        {
            codes.Add((await bench.Ask(Line("LOOK", "r1", more: ",\"token\":\"junk\""))).Code);
        }

        codes.Count(c => c == "unauthorized").ShouldBe(2);
        codes.Count(c => c == "rate_limited").ShouldBe(8);
        (await bench.Ask(Line("LOOK", "r1"))).Success.ShouldBeTrue("without it, it is answered from memory");
    }
}
