using System.Runtime.Loader;
using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>FAULTS 82 and 87: a reload is proven or refused, and never disturbs readers.</summary>
[Collection(AloneCollection.Name)]
public sealed class ReloadTests(ITestOutputHelper output)
{
    private const int Reloads = 100;

    [Fact]
    public async Task A_hundred_reloads_while_it_publishes_tear_nothing_and_leave_nothing_behind()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.InstallShm();
        test.Set("Channels:fixture-count:Transport", "shm");
        var node = await test.StartAsync();
        var watch = new CountWatch(node.OpenReader(ChannelName.Parse("fixture-count"))!);
        await Eventually.Become(() => watch.Fresh > 10, "counts arrive");
        for (var warmUp = 0; warmUp < 3; warmUp++)
        {
            (await node.ReloadAsync("Fixtures.Good")).Message.ShouldContain("was reloaded");
        }

        var before = Growth.Now();
        for (var i = 0; i < Reloads; i++)
        {
            (await node.ReloadAsync("good")).Message.ShouldContain("its old code is unloaded");
        }

        var seen = watch.Fresh;
        await Eventually.Become(() => watch.Fresh > seen + 10, "counts go on");
        await watch.StopAsync();
        output.WriteLine($"{Reloads} reloads: {watch}; {Growth.Now().Since(before)}");
        watch.Rejected.ShouldBe(0, "torn");
        watch.Backward.ShouldBe(0, "went back");
        watch.Resets.ShouldBe(0, "the publisher is the kernel's: its epoch survives");
        await Eventually.Become(() => Growth.Now().NotAbove(before), "no growth");
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);
    }

    [Fact]
    public async Task A_plugin_whose_code_can_not_be_unloaded_says_so_and_is_refused_the_next_time()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Leaky");
        var node = await test.StartAsync();
        await node.WhenSettled;

        var first = await node.ReloadAsync("Fixtures.Leaky");
        first.Code.ShouldBe("unload_failed");
        first.Message.ShouldContain("thread");
        test.Log.Lines.ShouldContain(l => l.StartsWith("Warning") && l.Contains("unload_failed"));
        node.Plugins.Single(p => p.Id == "Fixtures.Leaky").State.ShouldBe(PluginState.Active);

        var contexts = AssemblyLoadContext.All.Count();
        var second = await node.ReloadAsync("Fixtures.Leaky");
        second.Code.ShouldBe("not_reloadable");
        second.Message.ShouldContain("restart the node");
        AssemblyLoadContext.All.Count().ShouldBe(contexts);
    }

    [Fact]
    public async Task What_is_in_the_folder_now_runs_afterwards()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();
        test.Edit("Fixtures.Good", m => m["version"] = "1.0.1");

        (await node.ReloadAsync("Fixtures.Good")).Success.ShouldBeTrue();
        node.Plugins.Single(p => p.Id == "Fixtures.Good").Version.ShouldBe("1.0.1");
    }

    [Theory]
    [InlineData(true, "SHA-256")]
    [InlineData(false, "plugin.json")]
    public async Task When_the_new_code_can_not_be_loaded_the_old_runs_on(bool damage, string reason)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();
        await node.WhenSettled;
        if (damage)
        {
            File.AppendAllText(Path.Combine(test.Folder("Fixtures.Good"), "Fixtures.Good.dll"), "x");
        }
        else
        {
            File.Delete(Path.Combine(test.Folder("Fixtures.Good"), "plugin.json"));
        }

        var result = await node.ReloadAsync("Fixtures.Good");
        result.Code.ShouldBe("reload_refused");
        result.Message.ShouldContain("runs on as it was");
        result.Message.ShouldContain(reason);
        var now = node.ListChannels().Single(c => c.Name == "fixture-count").Sequence;
        await Eventually.Become(() => node.ListChannels().Single(c => c.Name == "fixture-count").Sequence > now + 3, "it publishes on");
    }

    [Theory]
    [InlineData("Fixtures.Memory", "it does not declare itself reloadable")]
    [InlineData("Fixtures.Payload", "it does not declare itself reloadable")]
    [InlineData("Fixtures.TooNew", "it is not_supported")]
    public async Task What_can_not_be_reloaded_is_refused_with_its_reason(string plugin, string reason)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Payload", "Fixtures.TooNew");
        var node = await test.StartAsync();

        var result = await node.ReloadAsync(plugin);
        result.Code.ShouldBe("not_reloadable");
        result.Message.ShouldContain(reason);
    }

    [Fact]
    public async Task A_transport_is_never_reloaded_whatever_it_says_of_itself()
    {
        await using var test = new TestNode("Fixtures.Memory");
        test.Edit("Fixtures.Memory", m => m["reloadable"] = true);
        var node = await test.StartAsync();

        (await node.ReloadAsync("Fixtures.Memory")).Message.ShouldContain("its open channels would be cut");
        node.Plugins.Single().Reloadable.ShouldBeFalse();
        (await node.ReloadAsync("Nobody")).Code.ShouldBe("unknown_plugin");
    }
}
