using Omnisight.Cli.Verbs;
using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Cli.Tests;

public sealed class ScaffoldingTests : IDisposable
{
    private readonly TestInstance _instance = new();

    [Theory]
    [InlineData("transport", "WireTransport.cs", "transport:wire")]
    [InlineData("module", "WireModule.cs", "module:wire")]
    [InlineData("message", "WireCodec.cs", "message:acme.deep.wire")]
    public async Task A_new_plugin_bears_its_name_throughout(string kind, string file, string provides)
    {
        var target = _instance.FilePath("new");

        var run = await new CliRun(_instance).Run("plugins", "new", "Acme.Deep.Wire", "--kind", kind, "--output", target);

        run.Code.ShouldBe(0, run.Errors);
        var project = Path.Combine(target, "src", "Acme.Deep.Wire");
        File.Exists(Path.Combine(project, file)).ShouldBeTrue();
        var manifest = PluginManifest.Read(project);
        manifest.Id.ShouldBe("Acme.Deep.Wire");
        manifest.Provides.ShouldContain(provides);
        foreach (var path in Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories))
        {
            path.ShouldNotContain("gizmo");
            (await File.ReadAllTextAsync(path)).ShouldNotContain("gizmo", Case.Insensitive, path);
        }
    }

    [Theory]
    [InlineData("Commands", "name of a section of the kernel")]
    [InlineData("Acme.ANameOfMoreThanThirtyOneCharactersIsTooLong", "not [a-z0-9_-]{1,31}")]
    public async Task A_name_that_no_manifest_takes_leaves_nothing_behind(string name, string why)
    {
        var target = _instance.FilePath("new");

        var run = await new CliRun(_instance).Run("plugins", "new", name, "--kind", "module", "--output", target);

        run.Code.ShouldBe(2);
        run.Errors.ShouldContain(why);
        Directory.Exists(target).ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_that_is_in_use_is_not_touched()
    {
        var run = await new CliRun(_instance).Run("plugins", "new", "Acme.Wire", "--kind", "module", "--output", TestPaths.Repository);

        run.Code.ShouldBe(2);
        run.Errors.ShouldContain("choose another folder with --output DIR");
    }

    [Fact]
    public void Every_verb_is_in_the_documentation()
    {
        var documentation = File.ReadAllText(Path.Combine(TestPaths.Repository, "docs/cli.md"));
        using var signals = new CancellationTokenSource();
        var host = new VerbHost(new Surroundings { Out = TextWriter.Null, Errors = TextWriter.Null, Terminal = false, Environment = new Dictionary<string, string>() }, signals.Token);

        foreach (var line in AllVerbs.Make(host).SelectMany(Lines))
        {
            documentation.ShouldContain($"omnisight {line}");
        }

        static IEnumerable<string> Lines(System.CommandLine.Command verb) =>
            verb.Subcommands.Count == 0 ? [verb.Name] : verb.Subcommands.SelectMany(Lines).Select(l => $"{verb.Name} {l}");
    }

    public void Dispose() => _instance.Dispose();
}
