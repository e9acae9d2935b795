using System.Text.Json.Nodes;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>FAULTS 85 and 86, and all else that can be wrong between plugins.</summary>
public sealed class WiringTests
{
    [Fact]
    public async Task Two_plugins_that_offer_one_channel_are_exit_2_naming_both()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.DuplicateChannel");

        var refusal = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("'Fixtures.Good' and 'Fixtures.DuplicateChannel/rival'");
        refusal.Message.ShouldContain("Channels:fixture-count:Publisher");
    }

    [Theory]
    [InlineData("Fixtures.Good")]
    [InlineData("good")]
    [InlineData("Fixtures.Good/counter")]
    public async Task The_configured_publisher_is_the_one(string publisher)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.DuplicateChannel");
        test.Set("Channels:fixture-count:Publisher", publisher);
        var node = await test.StartAsync();

        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "fixture-count" && c.Sequence > 0), "the good one publishes");
    }

    [Fact]
    public async Task Plugins_that_require_each_other_are_exit_2_printing_the_circle()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.CyclicA", "Fixtures.CyclicB");

        var refusal = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("Fixtures.CyclicA→Fixtures.CyclicB→Fixtures.CyclicA");
    }

    [Fact]
    public async Task A_circle_of_three_is_printed_whole_however_they_require_each_other()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.CyclicA", "Fixtures.CyclicB", "Fixtures.Good");
        test.Edit("Fixtures.CyclicB", m => m["requires"] = new JsonArray("module:counter"));
        test.Edit("Fixtures.Good", m => m["requires"] = new JsonArray("transport:memory", "Fixtures.CyclicA"));

        var refusal = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("Fixtures.CyclicA→Fixtures.CyclicB→Fixtures.Good→Fixtures.CyclicA");
    }

    [Fact]
    public async Task A_second_provider_of_a_scheme_is_refused_as_a_whole()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.DuplicateScheme");
        var node = await test.StartAsync();

        var second = node.Plugins.Single(p => p.Id == "Fixtures.DuplicateScheme");
        second.State.ShouldBe(PluginState.Faulted);
        second.Reason.ShouldContain("'memory' is already provided by 'Fixtures.Memory'");
        node.ListChannels().ShouldNotContain(c => c.Name == "bystander", "its message is not registered either");
        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "fixture-count" && c.Sequence > 0), "the first one works");
    }

    [Fact]
    public async Task A_second_provider_of_a_message_is_refused_by_name()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Install("Fixtures.Good", "Copy");
        test.Edit("Copy", m => m["id"] = "Fixtures.Copy");
        test.Use("Fixtures.Memory", "Fixtures.Good", "Fixtures.Copy");
        var node = await test.StartAsync();

        var copy = node.Plugins.Single(p => p.Id == "Fixtures.Copy");
        copy.State.ShouldBe(PluginState.Faulted);
        copy.Reason.ShouldContain("message 'fixture.count' is already provided by 'Fixtures.Good'");
    }

    [Fact]
    public async Task A_requirement_that_nobody_meets_is_named()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.PayloadUser");
        var node = await test.StartAsync();

        var user = node.Plugins.Single(p => p.Id == "Fixtures.PayloadUser");
        user.State.ShouldBe(PluginState.Faulted);
        user.Reason.ShouldContain("Fixtures.Payload");
    }

    [Fact]
    public async Task A_transport_that_is_not_loaded_is_exit_2_naming_what_there_is()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Set("Channels:fixture-count:Transport", "carrier-pigeon");

        var refusal = await Should.ThrowAsync<ConfigurationException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("node.json:1:");
        refusal.Message.ShouldContain("Channels:fixture-count:Transport: no plugin provides a transport 'carrier-pigeon'; known here: memory");

        test.Install("Fixtures.ThrowsInTransport");
        test.Set("Channels:fixture-count:Transport", "thrower");
        var unused = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        unused.ExitCode.ShouldBe(2);
        unused.Message.ShouldContain("'thrower', which no active plugin provides (there are: memory)");
    }

    [Theory]
    [InlineData("Fixtures.God", "did you mean 'Fixtures.Good'?")]
    [InlineData("god/counter", "there is no plugin 'god/counter'")]
    public async Task A_publisher_that_is_no_plugin_is_exit_2_and_told_which_was_meant(string publisher, string told)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Set("Channels:fixture-count:Publisher", publisher);

        var refusal = await Should.ThrowAsync<ConfigurationException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("Channels:fixture-count:Publisher: ");
        refusal.Message.ShouldContain(told);
    }

    [Fact]
    public async Task A_module_that_the_publisher_has_not_is_exit_2()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Set("Channels:fixture-count:Publisher", "Fixtures.Good/counte");

        var refusal = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("plugin 'Fixtures.Good' offers the channel by 'counter'");
    }

    [Fact]
    public async Task A_publisher_in_another_process_leaves_the_channel_alone_here()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Install("Fixtures.DuplicateChannel");
        test.Set("Channels:fixture-count:Publisher", "Fixtures.DuplicateChannel");
        var node = await test.StartAsync();

        node.IsCore.ShouldBeFalse();
        node.ListChannels().Single(c => c.Name == "fixture-count").State.ShouldBe("not_ready");
    }

    [Fact]
    public async Task A_source_that_can_t_be_loaded_leaves_a_core_that_says_so()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        File.Delete(Path.Combine(test.Folder("Fixtures.Good"), "Fixtures.Good.dll"));
        var node = await test.StartAsync();

        node.IsCore.ShouldBeTrue();
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldNotBe(PluginState.Active);
        (await node.Commands.SendAsync("PING", default, TimeSpan.FromSeconds(10), cancellationToken: TestContext.Current.CancellationToken)).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_transport_that_throws_at_every_question_disturbs_nobody()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.ThrowsInListing");
        test.Set("Channels:sad:Transport", "moody");
        test.Set("Channels:sad:Message", "fixture.count");
        var node = await test.StartAsync();

        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "fixture-count" && c.Sequence > 0), "the others are listed, and publish");
        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "status" && c.Sequence > 1), "the documents are published");
        node.ListChannels().Single(c => c.Name == "fixture-count").Transport.ShouldBe("memory");
        node.OpenReader(ChannelName.Parse("unheard-of")).ShouldBeNull();
        Should.Throw<TransportException>(() => node.OpenReader(ChannelName.Parse("sad"))).Message.ShouldContain("no reader today");
        test.Log.Lines.Count(l => l.Contains("transport 'moody' can't list its channels", StringComparison.Ordinal)).ShouldBe(1, "once a minute");
    }

    [Fact]
    public async Task A_plugin_that_offers_a_channel_of_the_kernels_is_exit_2_naming_it()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Use("Fixtures.Memory", "Fixtures.OffersStatus");
        test.Install("Fixtures.OffersStatus");

        var refusal = await Should.ThrowAsync<NodeStartException>(test.StartAsync);
        refusal.ExitCode.ShouldBe(2);
        refusal.Message.ShouldContain("plugin 'Fixtures.OffersStatus' offers channel 'status', which is the kernel's own");
    }

    [Theory]
    [InlineData(TransportError.InUse, 3)]
    [InlineData(TransportError.Unsafe, 4)]
    [InlineData(TransportError.NoSpace, 5)]
    [InlineData(TransportError.Permission, 77)]
    [InlineData(TransportError.NotSupported, 2)]
    public void What_a_transport_meets_becomes_the_exit_code(TransportError error, int code) => ExitCodes.Of(error).ShouldBe(code);

    [Fact]
    public async Task A_plugin_that_is_named_but_not_there_is_reported_and_the_others_run()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Use("Fixtures.Memory", "Fixtures.Good", "Fixtures.Absent");
        var node = await test.StartAsync();

        node.Plugins.Single(p => p.Id == "Fixtures.Absent").Reason.ShouldContain("there is no plugin 'Fixtures.Absent'");
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);
    }

    [Fact]
    public async Task A_folder_that_is_not_used_is_disabled_and_one_without_a_manifest_says_so()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.Install("Fixtures.HangsAtStop");
        Directory.CreateDirectory(test.Folder("empty"));
        var node = await test.StartAsync();

        node.Plugins.Single(p => p.Id == "Fixtures.HangsAtStop").State.ShouldBe(PluginState.Disabled);
        node.Plugins.Single(p => p.Id == "empty").Reason.ShouldContain("plugin.json");
        await Eventually.Become(() => node.Status == "running", "neither makes the node degraded");
    }
}
