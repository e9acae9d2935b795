using System.Text;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;
using Shouldly;
using Xunit;

namespace Omnisight.Kernel.Tests.Configuration;

public sealed class PluginManifestTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new();

    [Fact]
    public void A_manifest_is_read_in_full()
    {
        var manifest = PluginManifest.Read(Path.Combine(_fixture.PluginsDirectory, "Acme.Ring"));

        (manifest.Id, manifest.Version, manifest.Entry, manifest.Contract.ToString()).ShouldBe(("Acme.Ring", "1.2.3", "Acme.Ring.dll", "[1.0,2.0)"));
        manifest.Aliases.ShouldBe(["ring"]);
        manifest.Provides.ShouldBe(["transport:ring"]);
        manifest.Options["Slots"].ShouldBe(new OptionSchema
        {
            Name = "Slots",
            Type = OptionType.Integer,
            Default = ConfigValue.Of(4),
            Minimum = ConfigValue.Of(2),
            Maximum = ConfigValue.Of(64),
            Restart = true,
            Description = "How many slots.",
            Enum = manifest.Options["Slots"].Enum,
        });
        manifest.Options["Token"].Secret.ShouldBeTrue();
    }

    [Fact]
    public void A_folder_without_one_says_so() =>
        Should.Throw<PluginManifestException>(() => PluginManifest.Read(_fixture.Directory)).Message
            .ShouldBe($"{_fixture.Directory} has no plugin.json: not a plugin, or not built; build it, or remove the folder");

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var message = Refused("""
            { "id": "a/b", "version": "one", "contract": "1.0", "entry": "../x.dll", "provide": [],
              "provides": ["shm"], "aliases": ["A"], "sharedAssemblies": ["../y.dll"],
              "files": { "../../x.dll": "00", "ok.dll": "zz" },
              "options": { "slots": { "type": "integer" }, "Slots": { "type": "int" }, "Rate": { "type": "integer", "default": 5, "maximum": 4, "maxmum": 3 } } }
            """);

        string[] expected =
        [
            "plugin.json:1:85: ", "unknown key 'provide'; did you mean 'provides'?", "id 'a/b' is not", "version 'one'", "entry '../x.dll'", "contract '1.0' is not a range",
            "provides 'shm' is not transport:SCHEME", "alias 'A'", "sharedAssemblies '../y.dll'", "'00' is not a SHA-256", "'zz' is not a SHA-256",
            "option 'slots' is not PascalCase", "type 'int' is not one of integer, number", "unknown key 'maxmum'; did you mean 'maximum'?", "default of option 'Rate': 5 is out of range",
        ];
        foreach (var text in expected)
        {
            message.ShouldContain(text);
        }
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("Plugins")]
    [InlineData("channels")]
    public void An_id_that_is_a_path_or_a_section_of_the_kernel_is_refused(string id) =>
        Refused(ConfigurationFixture.Web.Replace("Acme.Web", id, StringComparison.Ordinal)).ShouldContain($"id '{id}'");

    [Fact]
    public void A_hash_outside_of_the_folder_is_refused()
    {
        var hash = new string('0', 64);
        Refused(ConfigurationFixture.Web.Replace("\"aliases\"", $"\"files\": {{\"../x.dll\":\"{hash}\"}}, \"aliases\"", StringComparison.Ordinal)).ShouldContain("files '../x.dll' lies outside the plugin's folder");
        Refused(ConfigurationFixture.Web.Replace("\"aliases\"", $"\"files\": {{\"/x.dll\":\"{hash}\"}}, \"aliases\"", StringComparison.Ordinal)).ShouldContain("files '/x.dll' lies outside the plugin's folder");
    }

    [Fact]
    public void Missing_keys_are_named() =>
        Refused("{}").ShouldBe("plugin.json:1:1: 'id' is missing; plugin.json:1:1: 'version' is missing; plugin.json:1:1: 'entry' is missing; plugin.json:1:1: 'contract' is missing");

    [Theory]
    [InlineData("[1.0,2.0)", "1.0", true)]
    [InlineData("[1.0,2.0)", "1.9", true)]
    [InlineData("[1.0,2.0)", "2.0", false)]
    [InlineData("(1.0,2.0]", "1.0", false)]
    [InlineData("(1.0,2.0]", "2.0", true)]
    public void A_range_knows_its_ends(string text, string version, bool inside)
    {
        ContractRange.TryParse(text, out var range).ShouldBeTrue();
        range!.Contains(Version.Parse(version)).ShouldBe(inside);
        range.ToString().ShouldBe(text);
    }

    [Fact]
    public void A_second_folder_with_the_same_id_has_a_problem()
    {
        _fixture.Plugin("Copy.Of.Ring", ConfigurationFixture.Ring);

        PluginFolder.Scan(_fixture.PluginsDirectory).Single(f => f.Problem is not null).Problem!.ShouldContain("is also that of");
    }

    public void Dispose() => _fixture.Dispose();

    private static string Refused(string json) => Should.Throw<PluginManifestException>(() => PluginManifest.Parse(Encoding.UTF8.GetBytes(json))).Message;
}
