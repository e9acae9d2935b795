using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly TestInstance _instance = new();

    [Theory]
    [InlineData("run --bogus", "'--bogus'")]
    [InlineData("send", "'TYPE'")]
    [InlineData("echo", "'CHANNEL'")]
    [InlineData("plugins new Acme.X --kind car", "'car'")]
    public async Task Bad_usage_is_told_with_the_help_to_see(string line, string named)
    {
        var run = await new CliRun(_instance).Run(line.Split(' '));

        run.Code.ShouldBe(2);
        run.Errors.ShouldContain(named);
        run.Errors.ShouldContain($"see: omnisight {line.Split(' ')[0]}");
    }

    [Theory]
    [InlineData("echo a/b --once", 2, "'a/b' is not a channel name")]
    [InlineData("echo detections --once --timeout 0.2", 3, "channel 'detections': nothing was published within 0.2 s; is its publisher running?")]
    [InlineData("echo commands --once", 4, "add --steal")]
    [InlineData("echo detections --field a[", 2, "'a[' is not a field")]
    [InlineData("echo detections --where confidence", 2, "'confidence' is not a condition")]
    [InlineData("hz detections --duration 0.2", 3, "nothing was published")]
    [InlineData("send PING --timeout 0.3", 3, "omnisight run")]
    [InlineData("send PING [1]", 2, "must be a JSON object")]
    [InlineData("send PING {oops", 2, "is not JSON")]
    [InlineData("run --profile nothing", 2, "there is no set 'nothing'")]
    [InlineData("plugins trust Nothing.Here", 2, "there is no folder")]
    [InlineData("plugins new lower --kind module", 2, "'lower' is not a plugin id")]
    [InlineData("keys revoke 00", 1, "no key '00'")]
    [InlineData("keys add --scopes all", 2, "no scope 'all'")]
    [InlineData("record -o /dev/null", 3, "nothing is published")]
    [InlineData("replay /nowhere/x", 2, "there is no recording /nowhere/x")]
    [InlineData("evaluate --gt /nowhere/a --tracks /nowhere/b", 2, "there is no file /nowhere/a")]
    public async Task Every_error_says_what_and_what_to_do(string line, int code, string text)
    {
        var run = await new CliRun(_instance).Run(line.Split(' '));

        run.Errors.ShouldContain(text);
        run.Code.ShouldBe(code, run.Errors);
        run.Output.ShouldBe("");
    }

    [Fact]
    public async Task With_format_json_an_error_is_an_object_too()
    {
        var run = await new CliRun(_instance).Run("keys", "revoke", "00", "--format", "json");

        System.Text.Json.JsonElement.Parse(run.Errors).GetProperty("error").GetString()!.ShouldStartWith("no key '00'");
    }

    [Fact]
    public async Task Plugins_are_listed_though_no_node_runs()
    {
        var run = await new CliRun(_instance).Run("plugins", "list", "--format", "json");

        run.Code.ShouldBe(0, run.Errors);
        var shm = run.Json.Single(p => p.GetProperty("id").GetString() == "Transport.Shm");
        shm.GetProperty("contract").GetString().ShouldBe("[1.0,2.0)");
        shm.GetProperty("state").GetString().ShouldBe("disabled");
        shm.GetProperty("provides").EnumerateArray().Select(e => e.GetString()).ShouldContain("transport:shm");
        run.Json.Single(p => p.GetProperty("id").GetString() == "Perception.Replay").GetProperty("state").GetString().ShouldBe("disabled");
    }

    [Fact]
    public async Task A_key_is_shown_once_listed_without_its_token_and_revoked()
    {
        var token = (await new CliRun(_instance).Run("keys", "add", "--scopes", "read,config", "--expires", "1h")).Output.Trim();
        var listed = await new CliRun(_instance).Run("keys", "list", "--format", "json");

        var key = listed.Json.Single();
        key.GetProperty("scopes").EnumerateArray().Select(e => e.GetString()).ShouldBe(["read", "config"]);
        token.ShouldContain(key.GetProperty("id").GetString()!);
        listed.Output.ShouldNotContain(token);
        (await new CliRun(_instance).Run("keys", "revoke", key.GetProperty("id").GetString()!)).Code.ShouldBe(0);
        (await new CliRun(_instance).Run("keys", "list", "--format", "json")).Json.ShouldBeEmpty();
    }

    [Fact]
    public async Task Doctor_finds_leftovers_of_dead_processes_and_removes_only_those()
    {
        await File.WriteAllTextAsync(_instance.Region("dead"), "");
        await File.WriteAllTextAsync(_instance.Region("held"), "");
        await using var held = new FileStream($"/dev/shm/.{_instance.Name}_held.lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var look = await new CliRun(_instance).Run("doctor", "--format", "json");
        var clean = await new CliRun(_instance).Run("doctor", "--clean", "--format", "json");

        var found = look.Json.Single(c => c.GetProperty("check").GetString() == "leftovers");
        found.GetProperty("detail").GetString().ShouldBe(_instance.Region("dead"));
        found.GetProperty("fix").GetString()!.ShouldContain("omnisight doctor --clean");
        clean.Json.Single(c => c.GetProperty("check").GetString() == "leftovers").GetProperty("detail").GetString()!.ShouldStartWith("removed 1 of 1");
        File.Exists(_instance.Region("dead")).ShouldBeFalse();
        File.Exists(_instance.Region("held")).ShouldBeTrue();
    }

    public void Dispose() => _instance.Dispose();
}
