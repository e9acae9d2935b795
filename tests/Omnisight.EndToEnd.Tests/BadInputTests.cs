using System.Net;

namespace Omnisight.EndToEnd.Tests;

/// <summary>What a user gets wrong is answered with what is wrong, and disturbs nothing else.</summary>
[Trait("Category", "Process")]
public sealed class BadInputTests : IDisposable
{
    private readonly Installation _installation = new();

    [Fact]
    public async Task An_unknown_configuration_key_is_named_with_its_place_and_a_suggestion()
    {
        var file = Path.Combine(_installation.Directory, "node.json");
        await File.WriteAllTextAsync(file, "{ \"Omnisight\": {\n    \"Perception.Simulator\": { \"Walker\": 3 } } }\n", TestContext.Current.CancellationToken);
        var node = _installation.Start("--config", file);
        (await node.WaitForExit()).ShouldBe(2, node.Transcript());
        node.Transcript().ShouldContain($"{file}:2:");
        node.Transcript().ShouldContain("Walker");
        node.Transcript().ShouldContain("did you mean");
        node.Transcript().ShouldContain("Walkers");

        (await _installation.Tool("config", "check", file)).Code.ShouldBe(2);
        var outside = _installation.Start("--set", "Perception.Simulator:Rate=0");
        (await outside.WaitForExit()).ShouldBe(2, outside.Transcript());
        outside.Transcript().ShouldContain("0.1");
        _installation.LeftInSharedMemory().ShouldBeEmpty();
    }

    [Fact]
    public async Task Malformed_requests_and_unknown_commands_are_answered()
    {
        await _installation.Run();
        await _installation.Api.UntilFresh();
        var key = (await File.ReadAllTextAsync(Path.Combine(_installation.Directory, $"{_installation.Name}_admin_key"), TestContext.Current.CancellationToken)).Trim();
        var malformed = await _installation.Api.Post("/api/config", "{\"Perception.Simulator\":\n {\"Rate\": ", key);
        malformed.Status.ShouldBe(HttpStatusCode.BadRequest, malformed.ToString());
        malformed.Body.GetProperty("status").GetString().ShouldBe("error");
        malformed.ToString().ShouldContain("line");

        var unknown = await _installation.Tool("send", "DANCE");
        unknown.Code.ShouldBe(1, unknown.ToString());
        unknown.ToString().ShouldContain("unknown_command");
        var nothing = await _installation.Api.Get("/api/nothing");
        nothing.Status.ShouldBe(HttpStatusCode.NotFound);
        nothing.Body.GetProperty("status").GetString().ShouldBe("error");
        await _installation.Api.UntilFresh();
    }

    [Fact]
    public async Task A_plugin_folder_without_a_manifest_is_told_and_the_others_run()
    {
        var plugins = Path.Combine(_installation.Directory, "plugins");
        foreach (var file in Directory.EnumerateFiles(TestPaths.Plugins, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(plugins, Path.GetRelativePath(TestPaths.Plugins, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Directory.CreateDirectory(Path.Combine(plugins, "Forgotten"));
        await File.WriteAllTextAsync(Path.Combine(plugins, "Forgotten", "Forgotten.dll"), "not an assembly", TestContext.Current.CancellationToken);
        await _installation.Run("--set", $"Plugins:Directory={plugins}");
        await _installation.Api.UntilFresh();
        var answer = await _installation.Api.Until("/api/plugins", a => a.ToString().Contains("Forgotten", StringComparison.Ordinal), "the folder is listed");
        answer.ToString().ShouldContain("plugin.json");
        var listed = await _installation.Tool("plugins", "list", "--set", $"Plugins:Directory={plugins}");
        listed.ShouldSucceed().Output.ShouldContain("Forgotten");
    }

    public void Dispose() => _installation.Dispose();
}
