using System.Net;
using System.Text.Json;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Cli.Tests;

/// <summary>A real node in a process of its own, and the tools beside it.</summary>
[Trait("Category", "Process")]
public sealed class RunVerbTests : IDisposable
{
    private readonly TestInstance _instance = new();

    [Fact]
    public async Task A_node_runs_is_seen_by_every_tool_and_stops_with_SHUTDOWN()
    {
        using var node = Node();
        await node.WaitForLine("stop       Ctrl-C");

        var channels = await Tool("channels", "list", "--format", "json");
        var detections = channels.Json.Single(c => c.GetProperty("name").GetString() == "detections");
        detections.GetProperty("type").GetString().ShouldBe("omnisight.detections/2");
        detections.GetProperty("transport").GetString().ShouldBe("shm");
        detections.GetProperty("writer_pid").GetInt32().ShouldBe(node.Id);
        detections.GetProperty("hz").GetDouble().ShouldBeGreaterThan(0);

        var echo = await Tool("echo", "detections", "--once");
        JsonElement.Parse(echo.Output).GetProperty("coordinate_space").GetString().ShouldBe("normalized_xywh");
        (await Tool("echo", "tracks", "-n", "2", "--field", "timestamp")).Lines.Length.ShouldBe(2);
        (await Tool("hz", "detections", "-d", "1", "--format", "json")).Json.Single().GetProperty("values").GetInt64().ShouldBeGreaterThan(1);
        (await Tool("bw", "tracks", "-d", "1", "--format", "json")).Json.Single().GetProperty("bytes_per_s").GetDouble().ShouldBeGreaterThan(0);
        (await Tool("delay", "detections", "-d", "1", "--format", "json")).Json.Single().GetProperty("p50_us").GetDouble().ShouldBeGreaterThan(0);
        (await Tool("plugins", "list", "--format", "json")).Json.Single(p => p.GetProperty("id").GetString() == "Transport.Shm").GetProperty("state").GetString().ShouldBe("active");
        (await Tool("send", "PING")).Output.ShouldStartWith("success:");
        (await Tool("send", "NO_SUCH")).Code.ShouldBe(1);

        (await Tool("send", "SHUTDOWN")).Code.ShouldBe(0);
        (await node.WaitForExit()).ShouldBe(0, node.Transcript());
        File.Exists(_instance.Region("detections")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(ChildProcess.SigTerm, 0)]
    [InlineData(ChildProcess.SigInt, 130)]
    public async Task A_signal_stops_it_cleanly(int signal, int code)
    {
        using var node = Node();
        await node.WaitForLine("stop       Ctrl-C");

        node.Signal(signal);
        node.Signal(signal);

        (await node.WaitForExit()).ShouldBe(code, node.Transcript());
        node.Output.ShouldContain("stopped");
        File.Exists(_instance.Region("detections")).ShouldBeFalse();
    }

    [Fact]
    public async Task Echo_goes_on_until_Ctrl_C()
    {
        using var node = Node();
        await node.WaitForLine("stop       Ctrl-C");
        using var echo = ChildProcess.StartDotnet(
            TestPaths.Cli, ["echo", "detections", "--field", "frame_id", "--set", $"RuntimeDirectory={_instance.Directory}", "--instance", _instance.Name]);
        await Eventually.Become(() => echo.Output.Count > 3 || echo.HasExited, "several values are printed");

        echo.Signal(ChildProcess.SigInt);

        (await echo.WaitForExit()).ShouldBe(130, echo.Transcript());
        echo.Output.Select(long.Parse).ShouldBeInOrder();
    }

    [Fact]
    public async Task A_second_publisher_is_refused_naming_the_first()
    {
        using var first = Node();
        await first.WaitForLine("stop       Ctrl-C");
        using var second = Node();

        (await second.WaitForExit()).ShouldBe(3, second.Transcript());
        second.Transcript().ShouldContain($"pid {first.Id}");
        first.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task A_recording_is_published_again_as_it_was()
    {
        var file = _instance.FilePath("walk.ndjson");
        using (var node = Node())
        {
            await node.WaitForLine("stop       Ctrl-C");
            (await Tool("record", "-o", file, "detections", "-n", "5")).Code.ShouldBe(0);
            node.Signal(ChildProcess.SigTerm);
            await node.WaitForExit();
        }

        var recorded = File.ReadLines(file).Skip(1).Select(l => JsonElement.Parse(l).GetProperty("payload").GetString()).ToList();
        recorded.Count.ShouldBe(5);
        var again = _instance.FilePath("again.ndjson");
        using var replay = ChildProcess.StartDotnet(
            TestPaths.Cli, ["replay", file, "--loop", "--set", $"RuntimeDirectory={_instance.Directory}", "--instance", _instance.Name]);
        (await Tool("record", "-o", again, "detections", "-n", "5", "-d", "30")).Code.ShouldBe(0);
        replay.Signal(ChildProcess.SigInt);

        (await replay.WaitForExit()).ShouldBe(130, replay.Transcript());
        var published = File.ReadLines(again).Skip(1).Select(l => JsonElement.Parse(l).GetProperty("payload").GetString()).ToList();
        published.Count.ShouldBe(5);
        published.ShouldBeSubsetOf(recorded);
    }

    [Fact]
    public async Task The_admin_key_of_the_greeting_changes_the_configuration_over_HTTP()
    {
        using var node = Node("--profile", "all", "--set", "Api.Rest:Urls=http://127.0.0.1:0");
        var listening = await node.WaitForLine("listening on ");
        await node.WaitForLine("stop       Ctrl-C");
        node.Output.ShouldContain(l => l.Contains($"$(cat {_instance.FilePath(_instance.Name + "_admin_key")})", StringComparison.Ordinal));

        using var http = new HttpClient { BaseAddress = new Uri(listening.Split("listening on ")[1].Split(';')[0].Trim()) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(_instance.FilePath(_instance.Name + "_admin_key"))).Trim());
        using var body = new StringContent("""{"Perception.Simulator":{"ConfidenceThreshold":0.99}}""", System.Text.Encoding.UTF8, "application/json");
        var reply = await http.PostAsync(new Uri("/api/config", UriKind.Relative), body);

        reply.StatusCode.ShouldBe(HttpStatusCode.OK, await reply.Content.ReadAsStringAsync());
        node.Signal(ChildProcess.SigTerm);
        (await node.WaitForExit()).ShouldBe(0, node.Transcript());
    }

    public void Dispose() => _instance.Dispose();

    private ChildProcess Node(params string[] args) => ChildProcess.StartDotnet(
        TestPaths.Cli,
        ["run", .. args.Length == 0 ? ["--profile", "core"] : args, "--set", $"RuntimeDirectory={_instance.Directory}", "--instance", _instance.Name]);

    private Task<CliRun> Tool(params string[] args) => new CliRun(_instance).Run(args);
}
