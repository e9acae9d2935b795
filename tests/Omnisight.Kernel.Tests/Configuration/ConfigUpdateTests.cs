using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Omnisight.Kernel.Configuration;
using Shouldly;
using Xunit;

namespace Omnisight.Kernel.Tests.Configuration;

public sealed class ConfigUpdateTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new();

    public enum Mode
    {
        Safe,
        Map,
    }

    public sealed class RingOptions : IValidatableObject
    {
        public int Slots { get; set; } = 4;

        [Range(0, 0.9)]
        public double Ratio { get; set; }

        public Mode Mode { get; set; }

        public TimeSpan Beat { get; set; }

        public IReadOnlyList<int> Users { get; set; } = [];

        public string? Token { get; set; }

        public bool LoopForever { get; set; }

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
            LoopForever && Mode == Mode.Map ? [new ValidationResult("LoopForever needs Mode safe", [nameof(LoopForever)])] : [];
    }

    [Fact]
    public void Options_are_bound_from_the_section()
    {
        var options = _fixture.Load(null, null, "Acme.Ring:Mode=map", "Acme.Ring:Users=5,6").Options<RingOptions>("Acme.Ring").Current;

        options.Mode.ShouldBe(Mode.Map);
        options.Users.ShouldBe([5, 6]);
        options.Beat.ShouldBe(TimeSpan.FromMilliseconds(500));
        options.Ratio.ShouldBe(0.5);
    }

    [Fact]
    public void An_options_class_that_refuses_its_values_is_a_configuration_error()
    {
        var configuration = _fixture.Load(null, null, "Acme.Ring:Ratio=0.95");

        var error = Should.Throw<ConfigurationException>(() => configuration.Options<RingOptions>("Acme.Ring")).Errors.Single();

        error.ShouldBe(new ConfigError("out_of_range", "Acme.Ring:Ratio", "'0.95': The field Ratio must be between 0 and 0.9.", "--set"));
    }

    [Fact]
    public void What_a_process_is_changes_with_the_next_one_only()
    {
        var configuration = _fixture.Load();
        var instance = configuration.Instance;

        var result = configuration.TryUpdate(null, JsonElement.Parse("""{"Instance":"another"}"""));

        result.Accepted.ShouldBeTrue(string.Join(' ', result.Errors));
        result.RestartRequired.ShouldBe(["Instance"]);
        configuration.Entries["Instance"].Value.ToString().ShouldBe("another");
        configuration.Instance.ShouldBe(instance);
    }

    [Fact]
    public void A_change_that_names_a_publisher_or_a_transport_that_is_not_there_is_refused()
    {
        var configuration = _fixture.Load();

        var result = configuration.TryUpdate("Channels", JsonElement.Parse("""{"detections":{"Publisher":"Acme.Rin","Transport":"pigeon"}}"""));

        result.Errors.Select(e => e.Key).ShouldBe(["Channels:detections:Publisher", "Channels:detections:Transport"], ignoreOrder: true);
        result.Errors.ShouldContain(e => e.Message.Contains("did you mean 'Acme.Ring'?", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Acme.Ring")]
    [InlineData("ring")]
    public void A_change_is_in_force_at_once_for_every_holder_of_the_options(string module)
    {
        var configuration = _fixture.Load();
        var live = configuration.Options<RingOptions>("Acme.Ring");
        configuration.Options<RingOptions>("Acme.Ring").ShouldBeSameAs(live);
        IReadOnlyList<string>? changed = null;
        configuration.Changed += keys => changed = keys;

        var result = configuration.TryUpdate(module, ConfigurationFixture.Json("""{"ratio":0.25,"loop_forever":true,"Slots":8,"Mode":"safe"}"""));

        result.Accepted.ShouldBeTrue();
        result.Changed.ShouldBe(["Acme.Ring:Ratio", "Acme.Ring:LoopForever", "Acme.Ring:Slots"]);
        result.RestartRequired.ShouldBe(["Acme.Ring:Slots"]);
        changed.ShouldBe(result.Changed);
        live.Current.Ratio.ShouldBe(0.25);
        live.Current.LoopForever.ShouldBeTrue();
        configuration.Entries["Acme.Ring:Ratio"].Source.ToString().ShouldBe("CONFIG_UPDATE");
        File.Exists(_fixture.LocalFile).ShouldBeFalse();
    }

    [Fact]
    public void One_bad_value_refuses_the_whole_change_and_all_that_is_wrong_is_told()
    {
        var configuration = _fixture.Load();
        var live = configuration.Options<RingOptions>("Acme.Ring");

        var result = configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"ratio":0.25,"slots":1,"mod":"map","beat":"1h"}"""));

        result.Accepted.ShouldBeFalse();
        result.Errors.Select(e => $"{e.Code} {e.Key}: {e.Message}").ShouldBe(
        [
            "out_of_range Acme.Ring:Slots: 1 is out of range: a whole number from 2 to 64",
            "unknown_key Acme.Ring:mod: unknown key 'mod'; did you mean 'Mode'?",
            "out_of_range Acme.Ring:Beat: '1h' is out of range: a duration (00:00:05, 5s, 100ms) from 00:00:00.01 to 00:01:00",
        ]);
        live.Current.Ratio.ShouldBe(0.5);
        configuration.Entries["Acme.Ring:Ratio"].Value.Value.ShouldBe(0.5);
    }

    [Fact]
    public void What_only_the_options_class_knows_refuses_a_change_too()
    {
        var configuration = _fixture.Load();
        var live = configuration.Options<RingOptions>("Acme.Ring");

        var result = configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"mode":"map","loop_forever":true,"ratio":0.95}"""));

        result.Errors.Select(e => e.Key).ShouldBe(["Acme.Ring:Ratio", "Acme.Ring:LoopForever"]);
        live.Current.Mode.ShouldBe(Mode.Safe);
    }

    [Fact]
    public void A_pinned_key_can_not_be_changed()
    {
        var configuration = _fixture.Load(null, new Dictionary<string, string> { ["OMNISIGHT__ACME_RING__RATIO"] = "0.1" });

        var result = configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"ratio":0.25}"""));

        result.Code.ShouldBe("pinned");
        result.Errors.Single().Message.ShouldStartWith("is pinned by environment OMNISIGHT__ACME_RING__RATIO");
    }

    [Fact]
    public void A_dry_run_changes_nothing()
    {
        var configuration = _fixture.Load();

        var result = configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"slots":8}"""), dryRun: true);

        (result.Accepted, result.RestartRequired.Single()).ShouldBe((true, "Acme.Ring:Slots"));
        configuration.Entries["Acme.Ring:Slots"].Value.Value.ShouldBe(4L);
    }

    [Fact]
    public void Persisted_changes_are_read_at_the_next_start_and_others_are_not()
    {
        var configuration = _fixture.Load("""{"Omnisight":{"Acme.Ring":{"Ratio":0.75}}}""");
        configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"beat":"2s"}""")).Accepted.ShouldBeTrue();
        configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"ratio":0.25,"users":[7]}"""), persist: true).Accepted.ShouldBeTrue();
        configuration.TryUpdate("web", ConfigurationFixture.Json("""{"urls":"http://127.0.0.1:1"}"""), persist: true).Accepted.ShouldBeTrue();

        var again = _fixture.Load("""{"Omnisight":{"Acme.Ring":{"Ratio":0.75}}}""");

        again.Entries["Acme.Ring:Ratio"].Value.Value.ShouldBe(0.25);
        again.Entries["Acme.Ring:Users"].Value.ToString().ShouldBe("[7]");
        again.Entries["Acme.Web:Urls"].Value.Value.ShouldBe("http://127.0.0.1:1");
        again.Entries["Acme.Ring:Beat"].Source.Layer.ShouldBe(ConfigLayer.Default);
        File.GetUnixFileMode(_fixture.LocalFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Directory.GetFiles(_fixture.Directory, "*.tmp").ShouldBeEmpty();
    }

    [Fact]
    public void Persisting_removes_what_a_killed_writer_left_and_no_file_of_the_users()
    {
        string left = $"{_fixture.LocalFile}.{Guid.NewGuid():n}.tmp", copy = _fixture.LocalFile + ".mine.tmp";
        foreach (var file in new[] { left, copy })
        {
            File.WriteAllText(file, "{}");
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        }

        _fixture.Load("""{"Omnisight":{}}""").TryUpdate("ring", ConfigurationFixture.Json("""{"ratio":0.25}"""), persist: true).Accepted.ShouldBeTrue();

        (File.Exists(left), File.Exists(copy)).ShouldBe((false, true));
    }

    [Fact]
    public void Persisting_without_a_file_or_without_permission_changes_nothing()
    {
        _fixture.Load().TryUpdate("ring", ConfigurationFixture.Json("""{"ratio":0.25}"""), persist: true).Code.ShouldBe("no_config_file");

        var configuration = _fixture.Load("""{"Omnisight":{}}""");
        Directory.CreateDirectory(Path.Combine(_fixture.LocalFile, "in the way"));
        configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"ratio":0.25}"""), persist: true).Code.ShouldBe("persist_failed");
        configuration.Entries["Acme.Ring:Ratio"].Value.Value.ShouldBe(0.5);
    }

    [Fact]
    public void An_unknown_module_and_a_value_that_is_no_object_are_refused()
    {
        var configuration = _fixture.Load();

        configuration.TryUpdate("rink", ConfigurationFixture.Json("{}")).Errors.Single().Message.ShouldBe("unknown module 'rink'; did you mean 'ring'?");
        configuration.TryUpdate("ring", ConfigurationFixture.Json("[]")).Code.ShouldBe("bad_value");
        configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"ratio":0.1,"ratio":0.2}""")).Code.ShouldBe("bad_json");
    }

    [Fact]
    public void An_alias_that_several_plugins_have_is_that_of_the_one_that_runs()
    {
        _fixture.Plugin("Acme.Another", ConfigurationFixture.Ring.Replace("Acme.Ring", "Acme.Another", StringComparison.Ordinal));
        var configuration = _fixture.Load("""{"Omnisight":{"Plugins":{"Use":"mine","Sets":{"mine":["Acme.Ring"]}}}}""");

        configuration.TryUpdate("ring", ConfigurationFixture.Json("""{"ratio":0.1}""")).Sections.ShouldBe(["Acme.Ring"]);
    }

    [Fact]
    public void Several_sections_change_together_or_not_at_all()
    {
        var configuration = _fixture.Load();

        configuration.TryUpdate(null, ConfigurationFixture.Json("""{"Acme.Ring":{"Ratio":0.1},"Acme.Web":{"Urls":5}}""")).Accepted.ShouldBeFalse();
        configuration.Entries["Acme.Ring:Ratio"].Value.Value.ShouldBe(0.5);
        configuration.TryUpdate(null, ConfigurationFixture.Json("""{"Acme.Ring":{"Ratio":0.1},"Acme.Web":{"Urls":"http://127.0.0.1:2"}}""")).Changed.Count.ShouldBe(2);
    }

    [Fact]
    public void The_document_shows_values_sources_and_pins_but_no_secret()
    {
        var configuration = _fixture.Load(null, null, "Acme.Ring:Token=hunter2", "Acme.Ring:Slots=8");

        var document = ConfigurationFixture.Written(w => configuration.WriteDocument(w, 42));

        document.GetProperty("timestamp").GetInt64().ShouldBe(42);
        document.GetProperty("values").GetProperty("Acme.Ring").GetProperty("Slots").GetInt64().ShouldBe(8);
        document.GetProperty("values").GetProperty("Acme.Ring").GetProperty("Token").GetString().ShouldBe("***");
        document.GetProperty("values").GetProperty("Channels").GetProperty("detections").GetProperty("Transport").GetString().ShouldBe("shm");
        document.GetProperty("sources").GetProperty("Acme.Ring:Slots").GetString().ShouldBe("--set");
        document.GetProperty("pinned").EnumerateArray().Select(e => e.GetString()).ShouldBe(["Acme.Ring:Slots", "Acme.Ring:Token"]);
        document.GetProperty("schema").GetProperty("properties").GetProperty("Omnisight").GetProperty("properties").GetProperty("Acme.Ring")
            .GetProperty("properties").GetProperty("Slots").GetProperty("maximum").GetInt64().ShouldBe(64);
        document.ToString().ShouldNotContain("hunter2");
    }

    public void Dispose() => _fixture.Dispose();
}
