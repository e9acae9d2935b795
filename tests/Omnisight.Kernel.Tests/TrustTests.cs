using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>FAULTS 88 and 89: what is not what was built or trusted never runs.</summary>
public sealed class TrustTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task A_file_that_is_not_what_the_build_recorded_is_never_loaded()
    {
        await using var test = NotReloadable();
        using (var file = new FileStream(Path.Combine(test.Folder("Fixtures.Good"), "Fixtures.Good.dll"), FileMode.Append))
        {
            file.WriteByte(0);
        }

        var node = await test.StartAsync();

        var good = node.Plugins.Single(p => p.Id == "Fixtures.Good");
        good.State.ShouldBe(PluginState.Untrusted);
        good.Reason.ShouldContain("Fixtures.Good.dll has SHA-256");
        test.Log.Lines.ShouldContain(l => l.StartsWith("Error") && l.Contains("Fixtures.Good is untrusted"));
        File.ReadAllText(Path.Combine(test.RuntimeDirectory, test.Instance + "_audit.ndjson")).ShouldContain("Fixtures.Good");
        Loaded(test).ShouldBe(["Fixtures.Memory.dll"]);
    }

    [Fact]
    public async Task With_RequireTrusted_only_what_was_recorded_is_loaded()
    {
        await using var test = NotReloadable();
        test.Set("Plugins:RequireTrusted", true);
        TrustStore.Open(test.PluginsDirectory).Trust(test.Folder("Fixtures.Memory")).ShouldBeGreaterThan(1);
        var node = await test.StartAsync();

        node.Plugins.Single(p => p.Id == "Fixtures.Memory").State.ShouldBe(PluginState.Active);
        var good = node.Plugins.Single(p => p.Id == "Fixtures.Good");
        good.State.ShouldBe(PluginState.Untrusted);
        good.Reason.ShouldContain("omnisight plugins trust");
        test.Log.Lines.ShouldContain(l => l.StartsWith("Error") && l.Contains("Fixtures.Good is untrusted"));
        File.ReadAllText(Path.Combine(test.RuntimeDirectory, test.Instance + "_audit.ndjson")).ShouldContain("Fixtures.Good");
        Loaded(test).ShouldBe(["Fixtures.Memory.dll"]);
    }

    [Theory]
    [InlineData("added.dll", null)]
    [InlineData("plugin.json", " ")]
    public async Task A_trusted_folder_that_changed_is_not_trusted_any_more(string name, string? appended)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Set("Plugins:RequireTrusted", true);
        var store = TrustStore.Open(test.PluginsDirectory);
        store.Trust(test.Folder("Fixtures.Memory"));
        store.Trust(test.Folder("Fixtures.Good"));
        File.AppendAllText(Path.Combine(test.Folder("Fixtures.Good"), name), appended ?? "new");
        var node = await test.StartAsync();

        var good = node.Plugins.Single(p => p.Id == "Fixtures.Good");
        good.State.ShouldBe(PluginState.Untrusted);
        good.Reason.ShouldContain(name);
        node.Plugins.Single(p => p.Id == "Fixtures.Memory").State.ShouldBe(PluginState.Active);
    }

    [Fact]
    public async Task The_lock_file_is_private_and_refused_when_it_is_not()
    {
        await using var test = new TestNode("Fixtures.Memory");
        var store = TrustStore.Open(test.PluginsDirectory);
        store.Trust(test.Folder("Fixtures.Memory"));
        File.GetUnixFileMode(store.File).ShouldBe(OwnerOnly);
        TrustStore.Open(test.PluginsDirectory).Plugins.ShouldBe(["Fixtures.Memory"]);

        File.SetUnixFileMode(store.File, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherWrite);
        Should.Throw<PluginRefusedException>(() => TrustStore.Open(test.PluginsDirectory)).Message.ShouldContain("chmod 0600");
    }

    [Fact]
    public async Task Trust_can_be_taken_back()
    {
        await using var test = new TestNode("Fixtures.Memory");
        var store = TrustStore.Open(test.PluginsDirectory);
        store.Trust(test.Folder("Fixtures.Memory"));

        store.Distrust("Fixtures.Memory").ShouldBeTrue();
        TrustStore.Open(test.PluginsDirectory).Plugins.ShouldBeEmpty();
        store.Distrust("Fixtures.Memory").ShouldBeFalse();
    }

    [Fact]
    public async Task A_link_in_a_plugins_folder_is_refused()
    {
        await using var test = new TestNode("Fixtures.Memory");
        File.CreateSymbolicLink(Path.Combine(test.Folder("Fixtures.Memory"), "elsewhere.dll"), "/etc/hostname");

        Should.Throw<PluginRefusedException>(() => TrustStore.Open(test.PluginsDirectory).Trust(test.Folder("Fixtures.Memory"))).Message.ShouldContain("symbolic link");
    }

    [Fact]
    public async Task A_linked_directory_is_not_followed_with_or_without_trust()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var elsewhere = Directory.CreateDirectory(Path.Combine(test.RuntimeDirectory, "elsewhere")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "data"), "x");
        Directory.CreateSymbolicLink(Path.Combine(test.Folder("Fixtures.Good"), "native"), elsewhere);

        Should.Throw<PluginRefusedException>(() => TrustStore.Open(test.PluginsDirectory).Trust(test.Folder("Fixtures.Good"))).Message.ShouldContain("symbolic link");
        var node = await test.StartAsync();
        var good = node.Plugins.Single(p => p.Id == "Fixtures.Good");
        good.State.ShouldBe(PluginState.Untrusted);
        good.Reason.ShouldContain("symbolic link");
    }

    [Theory]
    [InlineData("added.dll")]
    [InlineData("runtimes/linux-x64/native/libadded.so")]
    [InlineData("libadded.so.1")]
    public async Task Code_that_was_added_since_the_build_is_refused(string name)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var added = Path.Combine(test.Folder("Fixtures.Good"), name);
        Directory.CreateDirectory(Path.GetDirectoryName(added)!);
        File.WriteAllText(added, "new");
        var node = await test.StartAsync();

        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Untrusted);
        node.Plugins.Single(p => p.Id == "Fixtures.Good").Reason.ShouldContain(name + " was added");
    }

    [Fact]
    public async Task Who_could_exchange_the_lock_file_is_not_trusted()
    {
        await using var test = new TestNode("Fixtures.Memory");
        var store = TrustStore.Open(test.PluginsDirectory);
        store.Trust(test.Folder("Fixtures.Memory"));
        var mode = File.GetUnixFileMode(test.PluginsDirectory);

        File.SetUnixFileMode(test.PluginsDirectory, mode | UnixFileMode.OtherWrite);
        Should.Throw<PluginRefusedException>(() => TrustStore.Open(test.PluginsDirectory)).Message.ShouldContain("chmod go-w");
        Should.Throw<PluginRefusedException>(() => store.Trust(test.Folder("Fixtures.Memory"))).Message.ShouldContain("chmod go-w");
        File.SetUnixFileMode(test.PluginsDirectory, mode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lock_file_or_directory_of_another_user_is_not_relied_on(bool file)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to give a file to another user");
        await using var test = new TestNode("Fixtures.Memory");
        test.Set("Plugins:RequireTrusted", true);
        var store = TrustStore.Open(test.PluginsDirectory);
        store.Trust(test.Folder("Fixtures.Memory"));
        var foreign = file ? store.File : test.PluginsDirectory;
        using (var chown = ChildProcess.Start("chown", ["65534", foreign]))
        {
            (await chown.WaitForExit()).ShouldBe(0);
        }

        var node = await test.StartAsync();
        var memory = node.Plugins.Single();
        memory.State.ShouldBe(PluginState.Untrusted);
        memory.Reason.ShouldContain($"{foreign} belongs to uid 65534");
        memory.Reason.ShouldContain($"chown {FileOwner.EffectiveUser} {foreign}");
    }

    [Fact]
    public async Task Trust_can_not_be_switched_off_while_the_node_runs()
    {
        await using var test = new TestNode("Fixtures.Memory");
        test.Set("Plugins:RequireTrusted", true);
        var configuration = test.Settings().Configuration;

        var result = configuration.TryUpdate("Plugins", System.Text.Json.JsonElement.Parse("""{"RequireTrusted":false}"""));
        result.Accepted.ShouldBeFalse();
        result.Code.ShouldBe("read_only");
        configuration.RequireTrusted.ShouldBeTrue();
    }

    [Theory]
    [InlineData("entry", "../Fixtures.Memory/Fixtures.Memory.dll")]
    [InlineData("entry", "/etc/hostname")]
    [InlineData("id", "../escape")]
    public async Task A_manifest_that_points_out_of_its_folder_is_refused(string key, string value)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Edit("Fixtures.Good", m => m[key] = value);
        var node = await test.StartAsync();

        node.Plugins.Where(p => p.Id != "Fixtures.Memory").ShouldAllBe(p => p.State == PluginState.Faulted);
    }

    [Fact]
    public async Task Hashes_of_files_outside_of_the_folder_are_refused()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Edit("Fixtures.Good", m => m["files"]!.AsObject()["../../x.dll"] = new string('0', 64));
        var node = await test.StartAsync();

        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Faulted);
    }

    [Fact]
    public async Task Verification_names_what_is_wrong_without_a_node()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.MissingImport");

        var good = await PluginVerification.RunAsync(test.Folder("Fixtures.Good"), [], NullLoggerFactory.Instance);
        good.ShouldAllBe(c => c.Ok);
        good.Select(c => c.Name).ShouldBe(["manifest", "files", "contract", "load", "options", "exports", "provides"]);

        var bad = await PluginVerification.RunAsync(test.Folder("Fixtures.MissingImport"), [], NullLoggerFactory.Instance);
        bad[^1].Ok.ShouldBeFalse();
        bad[^1].Name.ShouldBe("exports");
        bad[^1].Detail.ShouldContain("IFluxCapacitor");
    }

    [Theory]
    [InlineData("Fixtures.MissingImport", "contract 'IFluxCapacitor' -> required by import 'capacitor' of part 'Wanter'; the host offers", "export it in the plugin itself")]
    [InlineData("Fixtures.ThrowsInTransport", "constructor of Fixtures.ThrowsInTransport.Thrower", "the broker is not there", "OpenPublisher")]
    [InlineData("Fixtures.NoExports", "Fixtures.NoExports.Nothing", "give it the one that fits")]
    [InlineData("Fixtures.OffersStatus", "'pretender'", "'status'", "give the channel another name")]
    [InlineData("Fixtures.MissingDependency", "Fixtures.Library", "publish the plugin with its dependencies")]
    [InlineData("Fixtures.TooNew", "[9.0,10.0)", "update the host")]
    public async Task Verification_names_the_assembly_or_the_type_and_what_to_do(string plugin, params string[] words)
    {
        await using var test = new TestNode(plugin);
        var failed = (await PluginVerification.RunAsync(test.Folder(plugin), [], NullLoggerFactory.Instance)).First(c => !c.Ok);
        words.ShouldAllBe(w => failed.Detail.Contains(w), failed.Detail);
    }

    [Fact]
    public async Task Verification_knows_shared_payloads_and_says_what_class_and_manifest_disagree_in()
    {
        await using var test = new TestNode("Fixtures.Payload", "Fixtures.PayloadUser", "Fixtures.Good", "Fixtures.Stubborn");

        (await PluginVerification.RunAsync(test.Folder("Fixtures.PayloadUser"), [], NullLoggerFactory.Instance)).ShouldAllBe(c => c.Ok);
        test.Edit("Fixtures.Good", m => m["options"]!["Step"]!["maximum"] = 1000);
        var options = (await PluginVerification.RunAsync(test.Folder("Fixtures.Good"), [], NullLoggerFactory.Instance)).Single(c => c.Name == "options");
        options.Ok.ShouldBeFalse();
        options.Detail.ShouldContain("CounterOptions.Step is at most 10, plugin.json has the maximum 1000");

        test.Edit("Fixtures.Stubborn", m => m.Remove("files"));
        (await PluginVerification.RunAsync(test.Folder("Fixtures.Stubborn"), [], NullLoggerFactory.Instance)).Single(c => c.Name == "files").Ok.ShouldBeFalse();
    }

    /// <summary>Code that can be reloaded is read into memory and tells of no file.</summary>
    private static TestNode NotReloadable()
    {
        var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Edit("Fixtures.Good", m => m["reloadable"] = false);
        return test;
    }

    /// <summary>The files of the test's plugins whose code is in this process.</summary>
    private static IEnumerable<string?> Loaded(TestNode test) =>
        AppDomain.CurrentDomain.GetAssemblies().Select(a => a.Location).Where(l => l.StartsWith(test.PluginsDirectory, StringComparison.Ordinal)).Select(Path.GetFileName);
}
