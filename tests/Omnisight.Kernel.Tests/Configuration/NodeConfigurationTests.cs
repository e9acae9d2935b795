using Omnisight.Kernel.Configuration;
using Shouldly;
using Xunit;

namespace Omnisight.Kernel.Tests.Configuration;

public sealed class NodeConfigurationTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new();

    [Fact]
    public void Without_a_file_the_built_in_defaults_count()
    {
        var configuration = _fixture.Load();

        configuration.Instance.ShouldBe("omnisight");
        configuration.ChosenPlugins.ShouldBe(["Transport.Shm", "Transport.Fifo", "Transport.JsonFile", "Perception.Simulator", "Api.Rest"]);
        configuration.Channel("detections").Transport.ShouldBe("shm");
        configuration.Channel("detections").StaleAfter.ShouldBe(TimeSpan.FromSeconds(5));
        configuration.Channel("commands").Transport.ShouldBe("fifo");
        configuration.Channel("nothing").ShouldBe(new ChannelSettings { Name = "nothing" });
        configuration.Commands.ShouldBe(new CommandSettings());
        configuration.Entries["Acme.Ring:Slots"].Value.Value.ShouldBe(4L);
    }

    [Fact]
    public void A_later_source_wins_and_the_source_is_told()
    {
        File.WriteAllText(_fixture.LocalFile, """{"Omnisight":{"Acme.Ring":{"Ratio":0.25,"Mode":"map"}}}""");
        var configuration = _fixture.Load(
            """{"Omnisight":{"Acme.Ring":{"Slots":8,"Ratio":0.75}}}""",
            new Dictionary<string, string> { ["OMNISIGHT__ACME_RING__LOOP_FOREVER"] = "true", ["OMNISIGHT__ACME_RING__SLOTS"] = "9", ["OTHER"] = "1" },
            "Acme.Ring:Slots=16");

        Shown(configuration, "Acme.Ring:Slots").ShouldBe("16 from --set");
        Shown(configuration, "Acme.Ring:Ratio").ShouldBe($"0.25 from {_fixture.LocalFile}:1:36");
        Shown(configuration, "Acme.Ring:LoopForever").ShouldBe("true from environment OMNISIGHT__ACME_RING__LOOP_FOREVER");
        Shown(configuration, "Acme.Ring:Beat").ShouldBe("00:00:00.5 from default");
    }

    [Fact]
    public void The_group_of_the_commands_is_the_default_of_the_transport_that_carries_them()
    {
        _fixture.Plugin("Acme.Pipe", """
            { "id": "Acme.Pipe", "version": "1.0.0", "contract": "[1.0,2.0)", "entry": "Acme.Pipe.dll", "provides": ["transport:fifo"],
              "options": { "Group": { "type": "string", "default": "" } } }
            """);

        Shown(_fixture.Load(null, null, "Commands:Group=operators"), "Acme.Pipe:Group").ShouldBe("operators from Commands:Group");
        Shown(_fixture.Load(null, null, "Commands:Group=operators", "Acme.Pipe:Group=other"), "Acme.Pipe:Group").ShouldBe("other from --set");
    }

    [Fact]
    public void All_errors_come_at_once_with_place_value_range_and_suggestion()
    {
        var errors = _fixture.Errors("""
            { "Omnisight": {
                "Instance": "Not Good",
                "Acme.Ring": { "Slotz": 4, "Slots": 65, "Ratio": "half", "Mode": "mapp" },
                "Acme.Rink": { } } }
            """);

        errors.Select(e => e.ToString()[(_fixture.Directory.Length + 1)..]).ShouldBe(
        [
            "node.json:2:17: Instance: 'Not Good' does not match [a-z0-9-]{1,31}",
            "node.json:3:29: Acme.Ring:Slotz: unknown key 'Slotz'; did you mean 'Slots'?",
            "node.json:3:41: Acme.Ring:Slots: 65 is out of range: a whole number from 2 to 64",
            "node.json:3:54: Acme.Ring:Ratio: 'half' is not a number from 0 to 1",
            "node.json:3:70: Acme.Ring:Mode: 'mapp' is not one of safe | map; did you mean 'map'?",
            "node.json:4:18: Acme.Rink: unknown section or plugin 'Acme.Rink'; did you mean 'Acme.Ring'?",
        ]);
    }

    [Fact]
    public void Syntax_errors_name_line_and_column()
    {
        _fixture.Errors("{ \"Omnisight\": {\n  \"Instance\": oops } }").Single().Place.ShouldBe($"{_fixture.File}:2:15");
        _fixture.Errors("""{ "Omnisight": { "Instance": "a", "Instance": "b" } }""").Single().Message.ShouldBe("the key 'Instance' is there twice; remove one");
        _fixture.Errors("[]").Single().Message.ShouldContain("\"Omnisight\"");
        _fixture.Errors("""{ "Omnisight": {}, "Omnisigth": {} }""").Single().Code.ShouldBe("unknown_key");
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"true\"", true)]
    public void A_choice_that_reads_like_a_truth_value_may_be_one(string written, bool serves) =>
        _fixture.Load("""{"Omnisight":{"Commands":{"Serve":WRITTEN}}}""".Replace("WRITTEN", written, StringComparison.Ordinal)).Commands.Serve.ShouldBe(serves);

    [Fact]
    public void Comments_and_trailing_commas_are_welcome() =>
        _fixture.Load("{ // where it runs\n \"Omnisight\": { \"Instance\": \"lab\", /* done */ }, }").Instance.ShouldBe("lab");

    [Fact]
    public void Unknown_environment_variables_and_command_line_keys_are_errors_too()
    {
        var errors = _fixture.Errors(null, new Dictionary<string, string> { ["OMNISIGHT__ACME_RING__SLOTS"] = "many", ["OMNISIGHT__NONE"] = "1" }, "Acme.Ring:Slot=3", "Acme.Ring", "Acme.Ring=1", "Instance:Name=x");

        errors.Select(e => e.ToString()).ShouldBe(
        [
            "environment OMNISIGHT__ACME_RING__SLOTS: Acme.Ring:Slots: 'many' is not a whole number from 2 to 64",
            "environment OMNISIGHT__NONE: NONE: unknown section or plugin 'NONE'; known here: Acme.Ring, Acme.Web, Channels, Commands, Instance, LogLevel, Plugins, RuntimeDirectory, SeedPaths",
            "--set: Acme.Ring:Slot: unknown key 'Slot'; did you mean 'Slots'?",
            "--set: Acme.Ring: not KEY=VALUE; write for example --set Api.Rest:Urls=http://127.0.0.1:9000",
            "--set: Acme.Ring: 'Acme.Ring' is a section; name a setting in it; known here: Beat, LoopForever, Mode, Ratio, Slots, Token, Users",
            "--set: Instance:Name: 'Instance' is a setting, not a section",
        ]);
    }

    [Fact]
    public void Lists_come_from_the_command_line_as_json_or_with_commas()
    {
        _fixture.Load(null, null, "Acme.Ring:Users=1,2").Entries["Acme.Ring:Users"].Value.ToString().ShouldBe("[1, 2]");
        _fixture.Load(null, null, "Acme.Ring:Users=[3]").Entries["Acme.Ring:Users"].Value.ToString().ShouldBe("[3]");
        _fixture.Errors(null, null, "Acme.Ring:Users=1,x").Single().Message.ShouldBe("'1,x' is not a list of whole numbers");
    }

    [Fact]
    public void Channels_are_configured_by_name()
    {
        var configuration = _fixture.Load("""{"Omnisight":{"Channels":{"front_lidar":{"Transport":"ring","Message":"acme.lidar","Period":"50ms","Capacity":7}}}}""");

        configuration.Channels["front_lidar"].ShouldBe(new ChannelSettings { Name = "front_lidar", Transport = "ring", Message = "acme.lidar", Period = TimeSpan.FromMilliseconds(50), Capacity = 7 });
        _fixture.Errors("""{"Omnisight":{"Channels":{"../x":{}}}}""").Single().Message.ShouldBe("'../x' is not a name of a channel: [a-z0-9_-]{1,31}");
    }

    [Fact]
    public void A_set_that_does_not_exist_or_goes_in_a_circle_is_an_error()
    {
        _fixture.Errors(null, null, "Plugins:Use=al").Single().ToString().ShouldBe("--set: Plugins:Use: there is no set 'al'; did you mean 'all'?");
        _fixture.Errors("""{"Omnisight":{"Plugins":{"Use":"a","Sets":{"a":["@b"],"b":["@a"]}}}}""").Single().Message.ShouldBe("the sets go round in a circle: a -> b -> a");
    }

    [Fact]
    public void A_chosen_plugin_that_is_not_there_is_an_error_for_those_who_run_it()
    {
        var configuration = _fixture.Load("""{"Omnisight":{"Plugins":{"Use":"mine","Sets":{"mine":["Acme.Rign"]}}}}""");

        Should.Throw<ConfigurationException>(configuration.RequireChosenPlugins).Errors.Single().Message
            .ShouldBe($"set 'mine' names the plugin 'Acme.Rign', which is not in {_fixture.PluginsDirectory}; did you mean 'Acme.Ring'?");
    }

    [Fact]
    public void A_plugin_folder_with_a_broken_manifest_disturbs_nothing_else()
    {
        _fixture.Plugin("Acme.Broken", "{");
        _fixture.Plugin("Acme.Empty", null);

        var configuration = _fixture.Load("""{"Omnisight":{"Acme.Broken":{"Anything":1},"Acme.Ring":{"Slots":8}}}""", null, "Acme.Empty:Foo=1");

        configuration.Entries["Acme.Ring:Slots"].Value.Value.ShouldBe(8L);
        configuration.PluginFolders.Count(f => f.Problem is not null).ShouldBe(2);
    }

    [Fact]
    public void A_missing_file_says_what_to_do()
    {
        var error = Should.Throw<ConfigurationException>(() => NodeConfiguration.Load(new ConfigurationSources { File = "/nowhere/node.json" }));

        error.ExitCode.ShouldBe(2);
        error.Message.ShouldBe("there is no configuration file /nowhere/node.json; check --config, or leave it out to run with the defaults");
    }

    [Fact]
    public void A_plugins_directory_that_is_not_there_is_the_error_and_not_what_follows_from_it()
    {
        var error = Should.Throw<ConfigurationException>(() => _fixture.Load("{\"Omnisight\":{\"Plugins\":{\"Directory\":\"elsewhere\"},\"Acme.Ring\":{\"Slots\":8}}}")).Errors.ShouldHaveSingleItem();
        error.Key.ShouldBe("Plugins:Directory");
        error.Message.ShouldBe($"{Path.Combine(_fixture.Directory, "elsewhere")} does not exist, so that no plugin's settings are known; build the plugins, or correct Plugins:Directory");
        error.Place.ShouldContain("node.json:1:");
    }

    [Fact]
    public void The_plugins_directory_of_a_file_is_relative_to_the_file() =>
        _fixture.Load("""{"Omnisight":{"Plugins":{"Directory":"elsewhere"}}}""").PluginsDirectory.ShouldBe(Path.Combine(_fixture.Directory, "elsewhere"));

    public void Dispose() => _fixture.Dispose();

    private static string Shown(NodeConfiguration configuration, string key) => $"{configuration.Entries[key].Value} from {configuration.Entries[key].Source}";
}
