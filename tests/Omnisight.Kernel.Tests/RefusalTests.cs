using System.Composition;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>The mistakes of plugin authors and of those who copy folders: each is said of its plugin, and the others run (FAULTS 78, 83, 84).</summary>
public sealed class RefusalTests
{
    private static readonly Version Far = new(99, 0, 0, 0);

    [Theory]
    [InlineData("Fixtures.PlainExport", "Fixtures.PlainExport.Plain", "[Export]", "[ExportModule]")]
    [InlineData("Fixtures.EmbeddedContracts", "Omnisight.ExportModuleAttribute of Fixtures.EmbeddedContracts", "copy of the contracts")]
    [InlineData("Fixtures.NotAModule", "Fixtures.NotAModule.Nothing", "is no IModule")]
    public async Task An_export_that_the_host_would_pass_over_is_refused_by_name(string bad, params string[] words)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", bad);
        await Refused(test, bad, PluginState.Faulted, words);
    }

    [Theory]
    [InlineData("name-throws", "BadMessage.Name failed: InvalidOperationException: no name today")]
    [InlineData("name-null", "BadMessage.Name is null")]
    [InlineData("name-bad", "'Fixture Bad!'")]
    [InlineData("type-null", "BadMessage.PayloadType is null")]
    [InlineData("channel-null", "BadMessage.DefaultChannel is null")]
    [InlineData("channel-throws", "BadMessage.DefaultChannel failed")]
    [InlineData("channel-taken", "'fixture-count'", "'Fixtures.Good'")]
    [InlineData("versions", "3 to 1")]
    [InlineData("constructor-timeout", "the constructor of Fixtures.BadMessage.BadMessage failed: TimeoutException: the lamp did not answer")]
    [InlineData("constructor-hangs", "Fixtures.BadMessage.BadMessage did not return within 10 s")]
    [InlineData("static-constructor", "the table is missing")]
    public async Task What_a_part_does_when_it_is_made_or_asked_stays_in_its_plugin(string fault, params string[] words)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.BadMessage");
        test.Set("Fixtures.BadMessage:Fault", fault);
        await Refused(test, "Fixtures.BadMessage", PluginState.Faulted, words);
    }

    [Fact]
    public void A_module_of_which_there_would_be_one_instance_for_all_its_runs_is_refused_by_name()
    {
        ExportedTypes.WhyUseless(typeof(OneForAll))!.ShouldContain("OneForAll has [ExportModule] and [Shared]");
        ExportedTypes.WhyUseless(typeof(OneForEach)).ShouldBeNull();
    }

    [Fact]
    public async Task What_a_dependency_needs_is_looked_for_too()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var folder = test.Make("Chain");
        Assemblies.WriteEmpty("Chain", new(1, 0), Path.Combine(folder, "Chain.dll"), ("Middle", new(1, 0)));
        Assemblies.WriteEmpty("Middle", new(1, 0), Path.Combine(folder, "Middle.dll"), ("Lost", new(3, 1)));
        test.Use("Fixtures.Memory", "Fixtures.Good", "Chain");
        await Refused(test, "Chain", PluginState.Faulted, "Middle.dll needs Lost 3.1", "neither in its folder");
    }

    [Theory]
    [InlineData("System.Runtime", "built for .NET 99.0")]
    [InlineData("Omnisight.Abstractions", "Omnisight.Abstractions 99.0.0.0", "this host has")]
    [InlineData("Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Logging.Abstractions 99.0.0.0", "all plugins use that one")]
    [InlineData("System.Text.Json", "System.Text.Json 99.0.0.0")]
    public async Task A_dependency_built_against_something_newer_than_the_host_is_not_supported(string name, params string[] words)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var folder = test.Make("Newer");
        Assemblies.WriteEmpty("Newer", new(1, 0), Path.Combine(folder, "Newer.dll"), ("Private", new(1, 0)));
        Assemblies.WriteEmpty("Private", new(1, 0), Path.Combine(folder, "Private.dll"), (name, Far));
        if (name.StartsWith("Microsoft"))
        {
            // The copy that the package manager brings along: the host's is used all the same.
            Assemblies.WriteEmpty(name, Far, Path.Combine(folder, name + ".dll"));
        }

        test.Use("Fixtures.Memory", "Fixtures.Good", "Newer");
        await Refused(test, "Newer", PluginState.NotSupported, words);
    }

    [Fact]
    public async Task An_entry_that_is_no_dotnet_assembly_is_named()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        File.Copy("/bin/true", Path.Combine(test.Make("Native"), "Native.dll"));
        test.Use("Fixtures.Memory", "Fixtures.Good", "Native");
        await Refused(test, "Native", PluginState.Faulted, "Native.dll is not a .NET assembly");
    }

    [Theory]
    [InlineData("""{"options":{"A":{"type":"string","pattern":"(","default":"x"}}}""", "'('", "regular expression")]
    [InlineData("""{"options":{"A":{"type":"string","pattern":"(a+)+$","default":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}}}""", "takes longer than")]
    [InlineData("""{"files":[]}""", "files is a list")]
    [InlineData("""{"files":null}""", "files is null")]
    [InlineData("[]", "must be an object")]
    [InlineData("", "plugin.json")]
    public async Task A_manifest_that_can_not_be_read_is_the_trouble_of_its_own_folder(string manifest, params string[] words)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        File.WriteAllText(Path.Combine(test.Make("Broken"), "plugin.json"), manifest);
        var node = await test.StartAsync();

        var broken = node.Plugins.Single(p => p.Id == "Broken");
        broken.State.ShouldBe(PluginState.Faulted);
        words.ShouldAllBe(w => broken.Reason.Contains(w));
        await Eventually.Become(() => node.Status == "running", "nobody chose it");
    }

    [Theory]
    [InlineData("plugin.json")]
    [InlineData("data")]
    public async Task A_pipe_in_a_plugins_folder_is_refused_and_not_waited_for(string name)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn");
        File.Delete(Path.Combine(test.Folder("Fixtures.Stubborn"), name));
        using (var mkfifo = ChildProcess.Start("mkfifo", [Path.Combine(test.Folder("Fixtures.Stubborn"), name)]))
        {
            (await mkfifo.WaitForExit()).ShouldBe(0);
        }

        var node = await test.StartAsync();
        var piped = node.Plugins.Single(p => p.Id == "Fixtures.Stubborn");
        piped.State.ShouldBeOneOf(PluginState.Faulted, PluginState.Untrusted);
        piped.Reason.ShouldContain("no ordinary file");
    }

    [Fact]
    public async Task The_folder_named_after_the_id_is_the_plugin_and_a_copy_beside_it_is_not()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Install("Fixtures.Good", "Backup of Good");
        var node = await test.StartAsync();

        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);
        node.Plugins.Single(p => p.Id == "Backup of Good").Reason.ShouldContain("remove one of the two folders");
    }

    [Theory]
    [InlineData("[1.0.0,2.0.0)", true)]
    [InlineData("[1.0.0.0,1.0]", true)]
    [InlineData("[1.0,2.0)", true)]
    [InlineData("(1.0.0,2.0)", false)]
    [InlineData("[0.1,1.0.0)", false)]
    public void A_contract_range_may_be_written_with_any_number_of_parts(string text, bool holds)
    {
        ContractRange.TryParse(text, out var range).ShouldBeTrue();
        range!.Contains(new Version(1, 0)).ShouldBe(holds);
    }

    [Fact]
    public async Task A_plugin_that_requires_itself_is_a_circle()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Edit("Fixtures.Good", m => m["requires"] = new System.Text.Json.Nodes.JsonArray("Fixtures.Good"));

        var refusal = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("Fixtures.Good→Fixtures.Good");
    }

    [Fact]
    public async Task What_the_host_provides_can_be_required_and_what_is_only_promised_is_refused()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn");
        test.Edit("Fixtures.Good", m => m["requires"] = new System.Text.Json.Nodes.JsonArray("channel:stats", "transport:memory"));
        test.Edit("Fixtures.Stubborn", m => m["provides"]!.AsArray().Add((System.Text.Json.Nodes.JsonNode)"transport:warp"));
        await Refused(test, "Fixtures.Stubborn", PluginState.Faulted, "provides 'transport:warp'", "module:first");
    }

    [Theory]
    [InlineData("Omnisight.Abstractions")]
    [InlineData("Microsoft.Extensions.Logging.Abstractions")]
    [InlineData("System.Text.Json")]
    public async Task What_is_the_hosts_can_not_be_shared_by_a_plugin(string name)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn");
        test.Edit("Fixtures.Stubborn", m => m["sharedAssemblies"] = new System.Text.Json.Nodes.JsonArray(name));
        test.Edit("Fixtures.Stubborn", m => m.Remove("files"));
        Assemblies.WriteEmpty(name, new(1, 0), Path.Combine(test.Folder("Fixtures.Stubborn"), name + ".dll"));
        await Refused(test, "Fixtures.Stubborn", PluginState.Faulted, name);
    }

    [Fact]
    public async Task A_setting_of_the_class_that_the_manifest_does_not_know_is_refused()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn");
        test.Edit("Fixtures.Stubborn", m => m["options"] = new System.Text.Json.Nodes.JsonObject());
        await Refused(test, "Fixtures.Stubborn", PluginState.Faulted, "StubbornOptions has 'Fault'", "plugin.json declares no such option");
    }

    [Shared]
    [ExportModule("one")]
    private sealed class OneForAll : IModule
    {
        public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.CompletedTask;
    }

    [ExportModule("one")]
    private sealed class OneForEach : IModule
    {
        public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.CompletedTask;
    }

    private static async Task Refused(TestNode test, string bad, PluginState state, params string[] words)
    {
        var node = await test.StartAsync();
        await Eventually.Become(() => node.Status == "degraded", "the node shows that something is wrong");
        var report = node.Plugins.Single(p => p.Id == bad);
        report.State.ShouldBe(state, report.Reason);
        foreach (var word in words)
        {
            report.Reason.ShouldContain(word);
        }

        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active, node.Plugins.Single(p => p.Id == "Fixtures.Good").Reason);
        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "fixture-count" && c.Sequence > 0), "the good one publishes");
    }
}
