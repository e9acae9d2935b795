using System.Text.Json;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>FAULTS 46 and 56 in a whole node: who may command it through its FIFOs.</summary>
[Trait("Category", "Process")]
public sealed class FifoNodeTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Theory]
    [InlineData("cmd", "mkfifo -m 666")]
    [InlineData("cmd_ack", "mkfifo -m 666")]
    [InlineData("cmd", "ln -s /dev/null")]
    public async Task A_node_does_not_start_on_a_fifo_that_is_not_its_own_to_trust(string name, string make)
    {
        await using var test = WithFifos();
        test.Settings();
        var path = Path.Combine(test.RuntimeDirectory, $"{test.Instance}_{name}");
        using (var shell = ChildProcess.Start("sh", ["-c", $"umask 0; {make} '{path}'"]))
        {
            (await shell.WaitForExit()).ShouldBe(0, shell.Transcript());
        }

        using var node = ChildProcess.StartDotnet(TestPaths.Assembly("tests/Omnisight.NodeProcess"), [test.ConfigurationFile]);
        (await node.WaitForExit()).ShouldBe(ExitCodes.Unsafe, node.Transcript());
        node.Transcript().ShouldContain(path);
        node.Transcript().ShouldContain("refusing");
    }

    [Fact]
    public async Task A_shell_shuts_a_node_down_only_while_the_directory_is_its_owners_alone()
    {
        await using var test = WithFifos();
        File.SetUnixFileMode(test.RuntimeDirectory, Private);
        var node = await test.StartAsync();
        (await Ask(test, "PING", "1")).GetProperty("message").GetString().ShouldBe("pong");

        File.SetUnixFileMode(test.RuntimeDirectory, Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        (await Ask(test, "SHUTDOWN", "2")).GetProperty("code").GetString().ShouldBe("unauthorized");
        (await Ask(test, "CONFIG_UPDATE", "3")).GetProperty("code").GetString().ShouldBe("unauthorized");
        node.Completion.IsCompleted.ShouldBeFalse("it still runs");
        var audit = await File.ReadAllLinesAsync(Path.Combine(test.RuntimeDirectory, test.Instance + "_audit.ndjson"));
        audit.Select(l => JsonElement.Parse(l)).Select(l => (l.GetProperty("action").GetString(), l.GetProperty("outcome").GetString()))
            .ShouldBe([("SHUTDOWN", "unauthorized"), ("CONFIG_UPDATE", "unauthorized")]);

        File.SetUnixFileMode(test.RuntimeDirectory, Private);
        (await Ask(test, "SHUTDOWN", "4")).GetProperty("status").GetString().ShouldBe("success");
        await node.Completion.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static TestNode WithFifos()
    {
        var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.InstallReal("Transport.Fifo");
        test.Set("Channels:commands:Transport", "fifo");
        test.Set("Channels:acks:Transport", "fifo");
        return test;
    }

    /// <summary>As docs/protocol/commands.md has it.</summary>
    private static async Task<JsonElement> Ask(TestNode test, string type, string id)
    {
        var path = Path.Combine(test.RuntimeDirectory, test.Instance);
        using var shell = ChildProcess.Start("bash",
        [
            "-c", $$$"""exec 3<> '{{{path}}}_cmd_ack'; echo '{"type":"{{{type}}}","timestamp":0,"request_id":"{{{id}}}","data":{}}' > '{{{path}}}_cmd'; head -n 1 <&3""",
        ]);
        (await shell.WaitForExit()).ShouldBe(0, shell.Transcript());
        var answer = JsonElement.Parse(shell.Output.ShouldHaveSingleItem());
        answer.GetProperty("request_id").GetString().ShouldBe(id);
        return answer;
    }
}
