using Microsoft.Extensions.Time.Testing;
using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Supervision;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>FAULTS 79 and 81: a module that fails is tried again for ever, one that hangs is left behind.</summary>
public sealed class SupervisionTests
{
    [Fact]
    public void Pauses_double_from_one_second_to_a_minute_and_stay_there()
    {
        var backOff = new BackOff();
        var pauses = Enumerable.Range(0, 9).Select(_ => backOff.After(TimeSpan.Zero).TotalSeconds);

        pauses.ShouldBe([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    [Fact]
    public void After_sixty_healthy_seconds_the_pauses_begin_anew()
    {
        var backOff = new BackOff();
        for (var i = 0; i < 8; i++)
        {
            backOff.After(TimeSpan.FromSeconds(59));
        }

        backOff.After(TimeSpan.FromSeconds(60)).ShouldBe(TimeSpan.FromSeconds(1));
        backOff.After(TimeSpan.Zero).ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_module_that_throws_is_made_anew_after_each_pause_and_its_plugin_says_why()
    {
        var time = new FakeTimeProvider();
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.ThrowsInRun") { Time = time };
        var node = await test.StartAsync();
        PluginReport Failer() => node.Plugins.Single(p => p.Id == "Fixtures.ThrowsInRun");

        foreach (var (faults, pause) in new[] { (1, 1), (2, 2), (3, 4), (4, 8) })
        {
            await Eventually.Become(() => Failer() is { State: PluginState.Faulted } f && f.Faults == faults, $"fault {faults}");
            Failer().Reason.ShouldContain("the model file is corrupt");
            Failer().Restarts.ShouldBe(faults - 1);

            // The pause is a timer of the clock: until its last moments nothing happens. (The clock may have gone on a little since it began.)
            await Eventually.Become(() => test.Log.Lines.Count(l => l.StartsWith("Error") && l.Contains("Fixtures.ThrowsInRun/failer failed")) == faults, "the failure is logged");
            time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(100));
            Failer().Faults.ShouldBe(faults);
            await EventuallyAdvance(time, () => Failer().Faults > faults);
        }

        node.Status.ShouldBe("degraded");
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);
        time.Advance(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_module_that_hangs_at_stop_is_left_behind_and_the_channels_are_closed()
    {
        var time = new FakeTimeProvider();
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.HangsAtStop") { Time = time };
        var node = await test.StartAsync();
        await node.WhenSettled;

        var stopping = node.StopAsync();
        await Eventually.Become(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return stopping.IsCompleted;
            },
            "the node stops");

        (await stopping).ShouldBeFalse("something was left behind");
        test.Log.Lines.ShouldContain(l => l.Contains("Fixtures.HangsAtStop/hanger did not stop within 5 s"));
        node.ListChannels().ShouldNotContain(c => c.State == "live");
    }

    [Fact]
    public async Task Stopping_the_node_closes_its_publishers()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();
        await Eventually.Become(() => Sequence(node) > 3, "it publishes");

        await node.StopAsync();
        Sequence(node).ShouldBe(0UL, "the kernel closed it");
    }

    private static ulong Sequence(Node node) => node.ListChannels().SingleOrDefault(c => c.Name == "fixture-count")?.Sequence ?? 0;

    /// <summary>The module's task runs on its own thread: move the clock until it has seen it.</summary>
    private static Task EventuallyAdvance(FakeTimeProvider time, Func<bool> condition) => Eventually.Become(
        () =>
        {
            if (condition())
            {
                return true;
            }

            time.Advance(TimeSpan.FromMilliseconds(1));
            return false;
        },
        "the pause ends");
}
