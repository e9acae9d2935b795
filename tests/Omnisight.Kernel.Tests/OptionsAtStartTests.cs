using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>What a plugin's options class refuses is a configuration error like any other.</summary>
public sealed class OptionsAtStartTests
{
    [Fact]
    public async Task Options_that_the_class_refuses_and_the_manifest_did_not_are_exit_2()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Edit("Fixtures.Good", m => m["options"]!["Step"]!["maximum"] = 1000);
        test.Set("Fixtures.Good:Step", 11);

        var refusal = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("Fixtures.Good:Step");
        refusal.Message.ShouldContain("between 1 and 10");
    }

    [Fact]
    public async Task What_other_plugins_began_is_disposed_of_when_the_start_is_refused()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.ThrowsInRun", "Fixtures.Good");
        test.Edit("Fixtures.Good", m => m["options"]!["Step"]!["maximum"] = 1000);
        test.Set("Fixtures.Good:Step", 11);

        (await Should.ThrowAsync<NodeStartException>(test.StartAsync)).ExitCode.ShouldBe(2);

        // Its module says so when it is disposed of.
        test.Log.Lines.ShouldContain(l => l.Contains("Fixtures.ThrowsInRun") && l.Contains("can't even be disposed"));
    }

    [Fact]
    public async Task Valid_options_reach_the_module()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Set("Fixtures.Good:Step", 10);
        var node = await test.StartAsync();
        var watch = new CountWatch(node.OpenReader(ChannelName.Parse("fixture-count"))!);

        await Eventually.Become(() => watch.Fresh > 0, "counts arrive");
        await watch.StopAsync();
        (watch.Last % 10).ShouldBe(0);
    }
}
