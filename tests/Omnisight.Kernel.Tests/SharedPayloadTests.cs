using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>Message-only plugins: one copy of a payload for all, one version.</summary>
public sealed class SharedPayloadTests
{
    [Fact]
    public async Task A_payload_of_one_plugin_is_the_same_type_in_another()
    {
        // The user comes first in the set: what it requires is loaded before it all the same.
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.PayloadUser", "Fixtures.Payload");
        var node = await test.StartAsync();

        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "fixture-shared" && c.Sequence == 1), "the shared payload is published");
        node.Plugins.Single(p => p.Id == "Fixtures.PayloadUser").State.ShouldBe(PluginState.Active);
    }

    [Fact]
    public async Task A_plugin_with_another_version_of_it_is_refused_naming_both()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Payload", "Fixtures.PayloadUser");

        // The user's folder holds a copy of another version: any assembly of that name will do.
        var copy = Path.Combine(test.Folder("Fixtures.PayloadUser"), "Fixtures.Payload.dll");
        Assemblies.WriteEmpty("Fixtures.Payload", new Version(2, 0, 0, 0), copy);
        test.Edit("Fixtures.PayloadUser", m => m.Remove("files"));
        var node = await test.StartAsync();

        var user = node.Plugins.Single(p => p.Id == "Fixtures.PayloadUser");
        user.State.ShouldBe(PluginState.Faulted);
        user.Reason.ShouldContain("Fixtures.Payload 2.0.0.0");
        user.Reason.ShouldContain("'Fixtures.Payload' shares 0.1.0.0");
    }

    [Fact]
    public async Task Two_plugins_that_share_one_name_in_two_versions_are_refused()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Payload");
        test.Install("Fixtures.Payload", "Other");
        test.Edit("Other", m =>
        {
            m["id"] = "Fixtures.OtherPayload";
            m["entry"] = "Fixtures.Payload.dll";
            m.Remove("files");
        });
        Assemblies.WriteEmpty("Fixtures.Payload", new Version(3, 0, 0, 0), Path.Combine(test.Folder("Other"), "Fixtures.Payload.dll"));
        test.Use("Fixtures.Memory", "Fixtures.Payload", "Fixtures.OtherPayload");
        var node = await test.StartAsync();

        var other = node.Plugins.Single(p => p.Id == "Fixtures.OtherPayload");
        other.State.ShouldBe(PluginState.Faulted);
        other.Reason.ShouldContain("3.0.0.0");
        other.Reason.ShouldContain("'Fixtures.Payload' shares 0.1.0.0");
    }
}
