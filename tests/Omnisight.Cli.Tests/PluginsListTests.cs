using System.Text.Json.Nodes;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Cli.Tests;

/// <summary>What would become of a plugin is said before a node runs, in the states that a node has.</summary>
public sealed class PluginsListTests : IDisposable
{
    private readonly TestInstance _instance = new();

    [Fact]
    public async Task Without_a_node_each_plugin_has_the_state_that_a_node_would_give_it()
    {
        var plugins = Directory.CreateDirectory(_instance.FilePath("plugins")).FullName;
        Copy(plugins, "Transport.Shm", _ => { });
        Copy(plugins, "Perception.Simulator", folder => File.AppendAllText(Path.Combine(folder, "Perception.Simulator.dll"), "x"));
        Copy(plugins, "Perception.Replay", folder =>
        {
            var file = Path.Combine(folder, "plugin.json");
            var manifest = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            manifest["contract"] = "[9.0,10.0)";
            File.WriteAllText(file, manifest.ToJsonString());
        });
        Directory.CreateDirectory(Path.Combine(plugins, "Empty"));

        var run = await new CliRun(_instance).Run("plugins", "list", "--format", "json", "--set", $"Plugins:Directory={plugins}");

        run.Code.ShouldBe(0, run.Errors);
        var states = run.Json.ToDictionary(p => p.GetProperty("id").GetString()!, p => $"{p.GetProperty("state").GetString()}: {p.GetProperty("reason").GetString()}");
        states["Transport.Shm"].ShouldStartWith("disabled: no node of instance");
        states["Perception.Simulator"].ShouldStartWith("untrusted: ");
        states["Perception.Simulator"].ShouldContain("SHA-256");
        states["Perception.Replay"].ShouldStartWith("not_supported: it is built for contract [9.0,10.0)");
        states["Empty"].ShouldStartWith("faulted: ");
    }

    public void Dispose() => _instance.Dispose();

    private static void Copy(string plugins, string id, Action<string> change)
    {
        var target = Directory.CreateDirectory(Path.Combine(plugins, id)).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(TestPaths.Plugins, id)))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        change(target);
    }
}
