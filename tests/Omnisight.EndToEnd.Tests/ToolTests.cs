using System.Text.Json;

namespace Omnisight.EndToEnd.Tests;

/// <summary>What the tools of the command line say beside a node that lives, died, or keeps its files elsewhere.</summary>
[Trait("Category", "Process")]
public sealed class ToolTests : IDisposable
{
    private readonly Installation _installation = new();

    [Fact]
    public async Task Tools_and_an_API_in_another_environment_find_the_core_by_what_its_regions_say()
    {
        // The core as a service has it, the others as a login shell.
        var session = Directory.CreateDirectory(Path.Combine(_installation.Directory, "session"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        _installation.Overrides["OMNISIGHT__RUNTIMEDIRECTORY"] = null;
        _installation.Overrides["RUNTIME_DIRECTORY"] = _installation.Directory;
        await _installation.Run("--profile", "core");
        _installation.Overrides["RUNTIME_DIRECTORY"] = null;
        _installation.Overrides["XDG_RUNTIME_DIR"] = session;

        (await _installation.Tool("send", "PING")).ShouldSucceed();
        (await _installation.Tool("echo", "stats", "--once")).ShouldSucceed();
        var key = (await _installation.Tool("keys", "add", "--scopes", "read")).ShouldSucceed();
        key.Output.ShouldStartWith("omni_");
        File.Exists(Path.Combine(_installation.Directory, $"{_installation.Name}_keys.json")).ShouldBeTrue("the key is where the node looks");
        var api = await _installation.Run("--profile", "api");
        api.Transcript().ShouldContain($"{_installation.Directory}/{_installation.Name}_*");
        await _installation.Api.Until("/api/health", a => a.Body.GetProperty("checks").GetProperty("core_responsive").GetBoolean(), "the API reaches the core");

        // What is configured counts more than what is found.
        (await _installation.Tool("send", "PING", "--timeout", "1", "--set", $"RuntimeDirectory={session}")).Code.ShouldBe(3);
    }

    [Fact]
    public async Task Echo_does_not_show_what_a_dead_publisher_left()
    {
        var core = await _installation.Run("--profile", "core");
        (await _installation.Tool("echo", "detections", "--once")).ShouldSucceed();
        core.Signal(ChildProcess.SigKill);
        await core.WaitForExit();

        var outcome = new Outcome(0, "", "");
        await Eventually.Become(
            async () => (outcome = await _installation.Tool("echo", "detections", "--once", "--timeout", "0.2", "--set", "Channels:detections:StaleAfter=00:00:01")).Code == 3,
            "the last frame is no longer shown");
        outcome.Output.ShouldBeEmpty();
        outcome.Errors.ShouldContain("its publisher died");
        outcome.Errors.ShouldContain("its last value is");
    }

    [Fact]
    public async Task Echo_ends_when_no_value_meets_the_condition()
    {
        await _installation.Run("--profile", "core");
        var outcome = await _installation.Tool("echo", "detections", "--once", "--where", "frame_id == 0", "--timeout", "2");
        outcome.Code.ShouldBe(3, outcome.ToString());
        outcome.Errors.ShouldContain("--where held for none");
    }

    [Fact]
    public async Task Echo_steals_a_command_from_a_running_core_when_it_is_told_to()
    {
        await _installation.Run("--profile", "core");
        var refused = await _installation.Tool("echo", "commands", "--once");
        refused.Code.ShouldBe(4);
        refused.Errors.ShouldContain("add --steal");
        (await _installation.Tool("hz", "commands")).Errors.ShouldContain("omnisight echo commands --steal");

        var thief = _installation.Tool("echo", "commands", "--once", "--steal", "--timeout", "60", "--field", "type");
        await Eventually.Become(
            () =>
            {
                _installation.WriteCommand("PING");
                return thief.IsCompleted;
            },
            "one of many commands goes to the thief");
        (await thief).ShouldSucceed().Output.ShouldBe("PING");
    }

    [Fact]
    public async Task Echo_goes_on_stealing_from_the_next_core()
    {
        var core = await _installation.Run("--profile", "core");
        using var thief = ChildProcess.StartDotnet(
            TestPaths.Cli, ["echo", "commands", "--steal", "--timeout", "120", "--field", "type"], environment: _installation.Environment);
        await Stolen(1);
        core.Signal(ChildProcess.SigKill);
        await core.WaitForExit();
        await _installation.Run("--profile", "core");
        await Stolen(2);

        Task Stolen(int count) => Eventually.Become(
            () =>
            {
                _installation.WriteCommand("PING");
                return thief.Output.Count(l => l == "PING") >= count;
            },
            $"command {count} goes to the thief");
    }

    [Fact]
    public async Task Tools_know_the_channels_of_plugins_that_their_own_set_has_not()
    {
        await _installation.Run("--profile", "core");
        (await _installation.Tool("echo", "detections", "--once", "--set", "Plugins:Sets:none=Api.Rest", "--profile", "none")).ShouldSucceed();
    }

    [Fact]
    public async Task Of_a_frame_that_is_too_large_for_a_JSON_channel_the_most_confident_are_kept_and_the_rest_is_counted()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_installation.Directory, "crowd")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "seqinfo.ini"), "[Sequence]\nname=crowd\nframeRate=10\nseqLength=1\nimWidth=640\nimHeight=480\n", TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(folder, "det.txt"), Enumerable.Range(1, 400).Select(i => FormattableString.Invariant($"1,-1,{i},10,30,60,{i / 400.0:0.0000}")), TestContext.Current.CancellationToken);
        var node = await _installation.Run(
            "--profile", "replay", "--set", $"Perception.Replay:Path={folder}", "--set", "Perception.Replay:Loop=true", "--set", "Channels:detections:Transport=jsonfile");

        var shown = (await _installation.Tool("echo", "detections", "--once", "--set", "Channels:detections:Transport=jsonfile")).ShouldSucceed();
        var data = JsonElement.Parse(shown.Output);
        data.GetProperty("truncated").GetInt32().ShouldBe(350);
        var kept = data.GetProperty("detections").EnumerateArray().Select(d => d.GetProperty("confidence").GetSingle()).ToList();
        kept.ShouldBe(Enumerable.Range(351, 50).Select(i => (float)(i / 400.0)), "the most confident, in the file's order");
        node.Transcript().ShouldContain("Channels:detections:Capacity=400");
        (await _installation.Tool("channels", "list", "--quick")).Output.ShouldMatch("detections +omnisight.detections/2 +jsonfile");
    }

    public void Dispose() => _installation.Dispose();
}
