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
}
