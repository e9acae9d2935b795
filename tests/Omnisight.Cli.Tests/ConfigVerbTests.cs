using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Cli.Tests;

public sealed class ConfigVerbTests : IDisposable
{
    private readonly TestInstance _instance = new();

    [Fact]
    public async Task A_good_file_is_ok()
    {
        var run = await Cli("""{"Omnisight":{"Api.Rest":{"Urls":"http://127.0.0.1:9999"}}}""", "config", "check");

        run.Code.ShouldBe(0, run.Errors);
        run.Output.ShouldContain("node.json: ok");
    }

    [Fact]
    public async Task Every_error_is_on_a_line_with_its_place_and_the_exit_code_is_2()
    {
        var run = await Cli("""
            { "Omnisight": {
                "Api.Rest": { "Url": "http://127.0.0.1:1" },
                "Perception.Simulator": { "Rate": 5000 } } }
            """, "config", "check");

        run.Code.ShouldBe(2);
        run.Errors.ShouldContain($"error: {_instance.FilePath("node.json")}:2:26: Api.Rest:Url: unknown key 'Url'; did you mean 'Urls'?");
        run.Errors.ShouldContain($"error: {_instance.FilePath("node.json")}:3:39: Perception.Simulator:Rate: 5000 is out of range: a number from 0.1 to 1000");
        run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Show_tells_the_source_of_each_value()
    {
        var run = new CliRun(_instance) { Environment = { ["OMNISIGHT__LOGLEVEL"] = "debug" } };
        await run.Run("config", "show", "--format", "json");

        run.Code.ShouldBe(0, run.Errors);
        run.Json.Select(l => $"{l.GetProperty("key")}={l.GetProperty("value")} {l.GetProperty("source")}").ShouldBe(
        [
            $"Instance={_instance.Name} --set", "LogLevel=debug environment OMNISIGHT__LOGLEVEL", $"RuntimeDirectory={_instance.Directory} --set",
        ]);
    }

    [Fact]
    public async Task The_committed_schema_is_that_of_the_plugins()
    {
        var run = await new CliRun(_instance).Run("config", "schema");

        run.Code.ShouldBe(0, run.Errors);
        var committed = await File.ReadAllTextAsync(Path.Combine(TestPaths.Repository, "docs/omnisight.schema.json"));
        committed.ShouldBe(run.Output, "docs/omnisight.schema.json is old; run: eng/update-schema.sh");
    }

    public void Dispose() => _instance.Dispose();

    private async Task<CliRun> Cli(string json, params string[] args)
    {
        await File.WriteAllTextAsync(_instance.FilePath("node.json"), json);
        return await new CliRun(_instance).Run([.. args, _instance.FilePath("node.json")]);
    }
}
