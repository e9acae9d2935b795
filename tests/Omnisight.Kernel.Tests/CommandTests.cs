using System.Text.Json;
using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>The commands that a core answers itself.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Config_update_is_in_force_at_once_and_a_bad_one_changes_nothing()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();

        var done = await Send(node, "CONFIG_UPDATE", """{"module":"good","config":{"step":7}}""");
        done.Success.ShouldBeTrue(done.Message);
        done.Data.GetProperty("changed")[0].GetString().ShouldBe("Fixtures.Good:Step");
        var watch = new CountWatch(node.OpenReader(ChannelName.Parse("fixture-count"))!);
        await Eventually.Become(() => watch.Fresh > 2, "counts arrive");
        await watch.StopAsync();
        (await File.ReadAllTextAsync(Path.Combine(test.RuntimeDirectory, test.Instance + "_audit.ndjson"))).ShouldContain("changed Fixtures.Good:Step");
        using var plugins = await Document(node, "config");
        plugins.RootElement.GetProperty("values").GetProperty("Fixtures.Good").GetProperty("Step").GetInt32().ShouldBe(7);

        var refused = await Send(node, "CONFIG_UPDATE", """{"module":"good","config":{"step":99}}""");
        refused.Success.ShouldBeFalse();
        refused.Code.ShouldBe("invalid_config");
        refused.Data.GetProperty("errors").EnumerateObject().Single().Name.ShouldBe("Fixtures.Good:Step");
        refused.Message.ShouldContain("10");
        (await Send(node, "CONFIG_UPDATE", """{"module":"nobody","config":{}}""")).Code.ShouldBe("unknown_module");
        (await Send(node, "CONFIG_UPDATE", "{}")).Code.ShouldBe("bad_value");
        var unclear = await Send(node, "CONFIG_UPDATE", """{"module":"good","config":{"step":5},"dry_run":"true"}""");
        unclear.Code.ShouldBe("bad_value", "what was to be tried out only must not be made");
    }

    [Fact]
    public async Task A_process_with_channels_of_its_own_runs_beside_the_core_unless_it_must_be_it()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.InstallReal("Transport.Fifo");
        test.Set("Channels:fixture-count:Transport", "memory");
        test.Set("Channels:commands:Transport", "fifo");
        test.Set("Channels:acks:Transport", "fifo");
        var core = await test.StartAsync();
        var other = await test.StartAsync();

        (core.IsCore, other.IsCore).ShouldBe((true, false));
        test.Log.Lines.ShouldContain(l => l.Contains("this process runs beside the core", StringComparison.Ordinal) && l.Contains("Commands:Serve=false", StringComparison.Ordinal));
        other.ListChannels().ShouldContain(c => c.Name.StartsWith("proc-", StringComparison.Ordinal));

        test.Set("Commands:Serve", "true");
        var refusal = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(3);
        refusal.Message.ShouldContain($"(pid {Environment.ProcessId})");
        refusal.Message.ShouldContain("set Commands:Serve=false to run beside it");
    }

    [Fact]
    public async Task Whoever_stops_a_node_waits_for_the_whole_stop()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.HangsAtStop");
        var node = await test.StartAsync();
        await node.WhenSettled;
        var first = node.StopAsync();
        var second = node.StopAsync();
        second.ShouldBeSameAs(first);
        (await second).ShouldBeFalse("a module was left behind, and each caller is told");
    }

    [Fact]
    public async Task Shutdown_ends_the_node()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();

        (await Send(node, "SHUTDOWN", "{}")).Success.ShouldBeTrue();
        await node.Completion;
        (await node.StopAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task A_command_whose_module_does_not_run_is_not_enabled()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();

        (await Send(node, "SYNC_SWARM", "{}")).Code.ShouldBe("not_enabled");
        (await Send(node, "REFRESH_TIMELINES", "{}")).Code.ShouldBe("not_enabled");
        (await Send(node, "PLUGIN_RELOAD", "{}")).Code.ShouldBe("bad_value");
        (await Send(node, "PLUGIN_RELOAD", """{"plugin":"Fixtures.Memory"}""")).Code.ShouldBe("not_reloadable");
        (await Send(node, "NO_SUCH_THING", "{}")).Code.ShouldBe("unknown_command");
        (await Send(node, "PING", "{}")).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task The_documents_of_the_core_say_how_it_is()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.TooNew");
        var node = await test.StartAsync();
        await Eventually.Become(() => node.Status == "degraded", "the node is up");

        using var status = await Document(
            node, "status", d => d.GetProperty("status").GetString() == "degraded" && d.GetProperty("modules").GetProperty("counter").GetString() == "running");
        status.RootElement.GetProperty("pid").GetInt32().ShouldBe(Environment.ProcessId);
        status.RootElement.GetProperty("start_ticks").GetInt64().ShouldBeGreaterThan(0);
        status.RootElement.GetProperty("boot_id").GetString()!.Length.ShouldBe(36);
        status.RootElement.GetProperty("ipc").GetProperty("fixture-count").GetString().ShouldBe("memory:fixture-count");

        using var stats = await Document(node, "stats", d => d.GetProperty("ipc").TryGetProperty("fixture-count", out var c) && c.GetProperty("hz").GetDouble() > 0);
        var count = stats.RootElement.GetProperty("ipc").GetProperty("fixture-count");
        count.GetProperty("published").GetInt64().ShouldBeGreaterThan(0);
        count.GetProperty("publish_p50_us").GetDouble().ShouldBeGreaterThan(0);
        var latency = count.GetProperty("publish_latency");
        latency.GetProperty("count").GetInt64().ShouldBeGreaterThan(0);
        latency.GetProperty("sum_us").GetDouble().ShouldBeGreaterThan(0);
        latency.GetProperty("le_us").EnumerateObject().Select(b => b.Value.GetInt64()).ShouldBeInOrder();
        stats.RootElement.GetProperty("perception").GetProperty("enabled").GetBoolean().ShouldBeFalse();
        stats.RootElement.GetProperty("fixture").GetProperty("count").GetInt64().ShouldBeGreaterThan(0);
        stats.RootElement.GetProperty("system").GetProperty("memory_mb").GetDouble().ShouldBeGreaterThan(1);

        using var plugins = await Document(node, "plugins");
        var tooNew = plugins.RootElement.GetProperty("plugins").EnumerateArray().Single(p => p.GetProperty("id").GetString() == "Fixtures.TooNew");
        tooNew.GetProperty("state").GetString().ShouldBe("not_supported");
        tooNew.GetProperty("reason").GetString()!.ShouldContain("[9.0,10.0)");
    }

    [Fact]
    public async Task Stats_plugins_and_log_say_the_same_of_every_plugin()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.TooNew", "Fixtures.RawThread");
        test.Install("Fixtures.ThrowsInRun");
        test.Make("Broken", m => m.Remove("entry"));
        var crashes = new CrashRecord(test.RuntimeDirectory, test.Instance, TimeProvider.System);
        for (var i = 0; i < CrashRecord.Limit; i++)
        {
            crashes.Add("Fixtures.RawThread", "Boom: bang");
        }

        var node = await test.StartAsync();
        await Eventually.Become(() => node.Status == "degraded", "the node is up");
        using var plugins = await Document(node, "plugins");
        using var stats = await Document(node, "stats", d => d.GetProperty("plugins").GetProperty("states").EnumerateObject().Any());
        var said = plugins.RootElement.GetProperty("plugins").EnumerateArray().ToDictionary(
            p => p.GetProperty("id").GetString()!, p => (State: p.GetProperty("state").GetString()!, Reason: p.GetProperty("reason").GetString()!, Chosen: p.GetProperty("chosen").GetBoolean()));
        var inStats = stats.RootElement.GetProperty("plugins");
        said.Select(p => (p.Key, p.Value.State, p.Value.Chosen)).Order().ShouldBe(
        [
            ("Broken", "faulted", false), ("Fixtures.Good", "active", true), ("Fixtures.Memory", "active", true), ("Fixtures.RawThread", "disabled", true),
            ("Fixtures.ThrowsInRun", "disabled", false), ("Fixtures.TooNew", "not_supported", true),
        ]);
        foreach (var (id, (state, reason, _)) in said)
        {
            inStats.GetProperty("states").GetProperty(id).GetString().ShouldBe(state);
            inStats.GetProperty("reasons").GetProperty(id).GetString().ShouldBe(reason);
            test.Log.Lines.ShouldContain(l => state == "active" ? l.Contains($"plugin {id} 1.0.0 active") : l.EndsWith($"plugin {id} is {state}: {reason}", StringComparison.Ordinal));
        }

        said["Fixtures.ThrowsInRun"].Reason.ShouldBe("it is not in the set 'test' that Plugins:Use names");
    }

    [Fact]
    public async Task A_command_that_two_plugins_answer_names_the_one_that_has_it()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn");
        test.Install("Fixtures.Stubborn", "Twin");
        test.Edit("Twin", m => m["id"] = "Twin");
        test.Use("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn", "Twin");
        test.Set("Fixtures.Stubborn:Fault", "commands");
        test.Set("Twin:Fault", "commands");
        var node = await test.StartAsync();

        await Eventually.Become(() => node.Plugins.Any(p => p.State == PluginState.Faulted), "one of the two is refused the command");
        var refused = node.Plugins.Single(p => p.State == PluginState.Faulted);
        var other = refused.Id == "Twin" ? "Fixtures.Stubborn" : "Twin";
        refused.Reason.ShouldContain($"command FIXTURE_STUBBORN is already answered by module {other}/first");
        (await Send(node, "FIXTURE_STUBBORN", "{}")).Message.ShouldBe("heard");
    }

    [Fact]
    public async Task A_process_without_publishers_is_not_the_core_and_publishes_only_what_it_is()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.HangsAtStop");
        test.Set("Channels:proc-" + Environment.ProcessId + ":Transport", "memory");
        var node = await test.StartAsync();

        node.IsCore.ShouldBeFalse();
        using var process = await Document(node, "proc-" + Environment.ProcessId);
        process.RootElement.GetProperty("pid").GetInt32().ShouldBe(Environment.ProcessId);
        process.RootElement.GetProperty("role").GetString().ShouldBe("test");
        node.ListChannels().ShouldNotContain(c => c.Name == "stats" && c.State == "live");
    }

    private static async Task<Acknowledgement> Send(Node node, string type, string data)
    {
        using var document = JsonDocument.Parse(data);
        return await node.Commands.SendAsync(type, document.RootElement.Clone(), TimeSpan.FromSeconds(20));
    }

    private static async Task<JsonDocument> Document(Node node, string channel, Func<JsonElement, bool>? accept = null)
    {
        await using var reader = node.OpenReader(ChannelName.Parse(channel))!;
        var text = new TextDecoder();
        JsonDocument? found = null;
        await Eventually.Become(
            () =>
            {
                if (reader.Read(text, out _) == ReadStatus.Fresh)
                {
                    found = JsonDocument.Parse(text.Text);
                }

                return found is not null && (accept is null || accept(found.RootElement));
            },
            $"the document '{channel}'");
        return found!;
    }

    private sealed class TextDecoder : IPayloadDecoder
    {
        public string Text { get; private set; } = "";

        public Rejection Decode(ReadOnlySpan<byte> payload)
        {
            Text = System.Text.Encoding.UTF8.GetString(payload);
            return Rejection.None;
        }
    }
}
