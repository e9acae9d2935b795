using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>Whatever is wrong with one plugin is said of that plugin, and disturbs no other (FAULTS 78, 83, 84).</summary>
public sealed class LoadingTests
{
    [Fact]
    public async Task A_good_plugin_is_active_and_publishes()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();

        await Eventually.Become(() => node.Status == "running", "the node runs");
        var good = node.Plugins.Single(p => p.Id == "Fixtures.Good");
        good.State.ShouldBe(PluginState.Active);
        good.Provides.ShouldBe(["message:fixture.count", "module:counter", "channel:fixture-count"]);
        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "fixture-count" && c.Sequence > 2), "counts are published");
        node.IsCore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Fixtures.TooNew", PluginState.NotSupported, "[9.0,10.0)", "1.0")]
    [InlineData("Fixtures.MissingImport", PluginState.Faulted, "IFluxCapacitor", "import")]
    [InlineData("Fixtures.MissingDependency", PluginState.Faulted, "Fixtures.Library", "neither in its folder")]
    [InlineData("Fixtures.OwnContracts", PluginState.Faulted, "Omnisight.Abstractions.dll", "ExcludeAssets")]
    [InlineData("Fixtures.NoExports", PluginState.Faulted, "Fixtures.NoExports.Nothing", "[ExportModule]")]
    [InlineData("Fixtures.ThrowsInTransport", PluginState.Faulted, "Fixtures.ThrowsInTransport.Thrower", "the broker is not there")]
    [InlineData("Fixtures.ThrowsInConstructor", PluginState.Faulted, "thrower", "the sensor is not there")]
    public async Task A_bad_plugin_is_named_with_its_reason_and_the_others_run(string bad, PluginState state, params string[] words)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", bad);
        var node = await test.StartAsync();

        await Eventually.Become(() => node.Status == "degraded", "the node shows that something is wrong");
        var report = node.Plugins.Single(p => p.Id == bad);
        report.State.ShouldBe(state);
        words.ShouldAllBe(w => report.Reason.Contains(w));
        report.Faults.ShouldBeGreaterThan(state == PluginState.NotSupported ? -1 : 0);
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);
        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "fixture-count" && c.Sequence > 0), "the good one publishes");
    }
}
