using Microsoft.Extensions.Time.Testing;
using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>Modules that hang anywhere are told of and left behind; nothing waits for them (FAULTS 78, 79, 81).</summary>
public sealed class HangTests
{
    private static readonly string Program = TestPaths.Assembly("tests/Omnisight.NodeProcess");

    [Fact]
    public async Task A_module_that_throws_and_hangs_when_it_is_disposed_is_faulted_and_tried_again()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn");
        test.Set("Fixtures.Stubborn:Fault", "dispose-hangs");
        var node = await test.StartAsync();

        await Eventually.Become(() => Stubborn(node) is { State: PluginState.Faulted, Restarts: > 0 }, "it is made anew");
        test.Log.Lines.ShouldContain(l => l.StartsWith("Error") && l.Contains("the motor is jammed"));
        await Eventually.Become(() => test.Log.Lines.Any(l => l.Contains("disposing of a part of module Fixtures.Stubborn/first failed: it did not end within 5 s")), "it is said that it hangs");
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);
    }

    [Theory]
    [InlineData("never-ready")]
    [InlineData("constructor-hangs")]
    public async Task A_module_that_does_not_become_ready_is_faulted(string fault)
    {
        var time = new FakeTimeProvider();
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn") { Time = time };
        test.Set("Fixtures.Stubborn:Fault", fault);
        var starting = test.StartAsync();
        await Advance(time, () => starting.IsCompleted, "the node starts");
        var node = await starting;

        await Advance(time, () => Stubborn(node).State == PluginState.Faulted, "its plugin is faulted");
        Stubborn(node).Reason.ShouldContain("'first' has not become ready within 30 s");
        node.Status.ShouldBe("degraded");
        // Each module has a timer of its own.
        await Advance(time, () => test.Log.Lines.Any(l => l.StartsWith("Error") && l.Contains("Fixtures.Stubborn/second has not become ready")), "the second one is told of, too");
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);

        var stopping = node.StopAsync();
        await Advance(time, () => stopping.IsCompleted, "the node stops");
    }

    [Fact]
    public async Task Three_modules_that_hang_at_stop_take_no_longer_than_two()
    {
        var time = new FakeTimeProvider();
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn") { Time = time };
        test.Set("Fixtures.Stubborn:Fault", "blocks");
        var node = await test.StartAsync();
        await node.WhenSettled;

        var stopping = node.StopAsync();
        await Advance(time, () => stopping.IsCompleted, "the node stops");

        (await stopping).ShouldBeFalse("something was left behind");
        test.Log.Lines.Count(l => l.Contains("did not stop within")).ShouldBe(3);
        test.Log.Lines.Count(l => l.Contains("did not stop within 3 s")).ShouldBe(2, "the first used up the time that there was");
        node.ListChannels().ShouldNotContain(c => c.State == "live");
    }

    [Theory]
    [InlineData("blocks", 1)]
    [InlineData("foreground-thread", 0)]
    [Trait("Category", "Process")]
    public async Task The_process_ends_whatever_its_modules_left_running(string fault, int exitCode)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Stubborn");
        test.Set("Fixtures.Stubborn:Fault", fault);
        test.Settings();
        using var process = ChildProcess.StartDotnet(Program, [test.ConfigurationFile]);
        await process.WaitForLine("started");
        process.Input.Close();

        (await process.WaitForExit()).ShouldBe(exitCode, process.Transcript());
    }

    private static PluginReport Stubborn(Node node) => node.Plugins.Single(p => p.Id == "Fixtures.Stubborn");

    /// <summary>What waits for the clock runs on threads of its own: the clock goes on until the condition holds.</summary>
    private static Task Advance(FakeTimeProvider time, Func<bool> condition, string reason) => Eventually.Become(
        () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return condition();
        },
        reason);
}
