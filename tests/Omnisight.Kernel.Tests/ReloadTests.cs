using System.Globalization;
using System.Runtime.Loader;
using System.Text.Json;
using System.Text.RegularExpressions;
using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>FAULTS 82 and 87: a reload is proven or refused, and never disturbs readers.</summary>
[Collection(AloneCollection.Name)]
public sealed class ReloadTests(ITestOutputHelper output)
{
    /// <summary>FAULTS 87: the channel may be without its module for this long.</summary>
    private const double GapMs = 500;

    private static readonly int Reloads = int.Parse(Environment.GetEnvironmentVariable("OMNISIGHT_RELOADS") ?? "100", CultureInfo.InvariantCulture);

    /// <summary>Set by the nightly script, which has the machine to itself: then the longest gap counts, not the usual one.</summary>
    private static readonly bool EveryGapCounts = Environment.GetEnvironmentVariable("OMNISIGHT_RELOADS") is not null;

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
        var gaps = new List<double>();
        for (var i = 0; i < Reloads; i++)
        {
            var message = (await node.ReloadAsync("good")).Message;
            message.ShouldContain("its old code is unloaded");
            gaps.Add(double.Parse(Regex.Match(message, "reloaded in ([0-9]+) ms").Groups[1].Value, CultureInfo.InvariantCulture));
        }

        var seen = watch.Fresh;
        await Eventually.Become(() => watch.Fresh > seen + 10, "counts go on");
        await watch.StopAsync();
        output.WriteLine($"{Reloads} reloads: {watch}; without its module {gaps.Order().ElementAt(Reloads / 2):0} ms (median), {gaps.Max():0} ms (longest); {Growth.Now().Since(before)}");
        watch.Rejected.ShouldBe(0, "torn");
        watch.Backward.ShouldBe(0, "went back");
        watch.Resets.ShouldBe(0, "the publisher is the kernel's: its epoch survives");
        gaps.Order().ElementAt(Reloads / 2).ShouldBeLessThanOrEqualTo(GapMs);
        if (EveryGapCounts)
        {
            Math.Max(gaps.Max(), watch.LongestGapMs).ShouldBeLessThanOrEqualTo(GapMs);
        }

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

    [Theory]
    [InlineData("requires", """["transport:warp"]""", "requires 'transport:warp'")]
    [InlineData("sharedAssemblies", """["Fixtures.Good"]""", "shares assemblies")]
    [InlineData("options", "{}", "its options are others now")]
    [InlineData("provides", """["module:counter","channel:fixture-count","message:fixture.count","message:more"]""", "provides 'message:more'")]
    [InlineData("id", "\"Fixtures.Other\"", "now names 'Fixtures.Other'")]
    [InlineData("entry", "\"plugin.dll\"", "plugin.dll does not exist")]
    public async Task What_was_settled_at_start_is_not_changed_by_a_reload(string key, string value, string reason)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();
        await node.WhenSettled;
        test.Edit("Fixtures.Good", m => m[key] = System.Text.Json.Nodes.JsonNode.Parse(value));

        var result = await node.ReloadAsync("Fixtures.Good");
        result.Code.ShouldBe("reload_refused");
        result.Message.ShouldContain(reason);
        test.Log.Lines.ShouldContain(l => l.StartsWith("Error") && l.Contains("was not reloaded"));
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);
    }

    [Fact]
    public async Task The_answer_comes_when_the_reload_is_done_however_slowly_the_modules_stop()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.Stubborn");
        test.Set("Fixtures.Stubborn:Fault", "slow-stop");
        test.Edit("Fixtures.Stubborn", m => m["reloadable"] = true);
        var node = await test.StartAsync();
        await node.WhenSettled;

        var ack = await node.Commands.SendAsync("PLUGIN_RELOAD", JsonElement.Parse("""{"plugin":"Fixtures.Stubborn"}"""), TimeSpan.FromSeconds(20));
        ack.Message.ShouldContain("was reloaded");
        ack.Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refusal_of_exchanged_files_is_audited()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var node = await test.StartAsync();
        File.AppendAllText(Path.Combine(test.Folder("Fixtures.Good"), "Fixtures.Good.dll"), "x");

        (await node.ReloadAsync("Fixtures.Good")).Code.ShouldBe("reload_refused");
        File.ReadAllText(Path.Combine(test.RuntimeDirectory, test.Instance + "_audit.ndjson")).ShouldContain("Fixtures.Good");
    }

    [Fact]
    public async Task A_change_of_configuration_reaches_the_new_code()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        var settings = test.Settings();
        await using var node = new Node(settings);
        await node.StartAsync();
        (await node.ReloadAsync("Fixtures.Good")).Success.ShouldBeTrue();

        settings.Configuration.TryUpdate("Fixtures.Good", JsonElement.Parse("""{"Step":10}""")).Accepted.ShouldBeTrue();
        await using var reader = node.OpenReader(ChannelName.Parse("fixture-count"))!;
        var before = 0L;
        await Eventually.Become(
            () =>
            {
                var sequence = node.ListChannels().Single(c => c.Name == "fixture-count").Sequence;
                var value = new Newest().Of(reader);
                var step = value - before;
                before = value;
                return step >= 10 && sequence > 0;
            },
            "it counts in tens");
    }

    [Fact]
    public async Task A_reload_does_not_forget_the_faults_there_were()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.ThrowsInRun");
        test.Edit("Fixtures.ThrowsInRun", m => m["reloadable"] = true);
        var node = await test.StartAsync();
        await Eventually.Become(() => node.Plugins.Single(p => p.Id == "Fixtures.ThrowsInRun").Faults > 0, "it failed");

        (await node.ReloadAsync("Fixtures.ThrowsInRun")).Success.ShouldBeTrue();
        node.Plugins.Single(p => p.Id == "Fixtures.ThrowsInRun").Faults.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task While_the_API_serves_its_payload_a_plugin_is_reloaded_and_unloaded_and_no_answer_fails()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.InstallReal("Api.Rest");
        test.Set("Api.Rest:Urls", "http://127.0.0.1:0");
        var node = await test.StartAsync();
        await node.WhenSettled;
        var url = Regex.Match(test.Log.Lines.Single(l => l.Contains("listening on")), "listening on (http[^;, ]+)").Groups[1].Value;
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        await Eventually.Become(async () => (await http.GetAsync("/api/channels/fixture-count")).IsSuccessStatusCode, "the payload is served");
        using var stream = await http.GetStreamAsync("/api/stream?channels=fixture-count");

        var reloading = true;
        var asking = Task.Run(async () =>
        {
            var answers = new List<System.Net.HttpStatusCode>();
            while (Volatile.Read(ref reloading))
            {
                using var answer = await http.GetAsync("/api/channels/fixture-count");
                answers.Add(answer.StatusCode);
            }

            return answers;
        });
        for (var i = 0; i < 10; i++)
        {
            (await node.ReloadAsync("Fixtures.Good")).Message.ShouldContain("its old code is unloaded");
        }

        Volatile.Write(ref reloading, false);
        (await asking).ShouldAllBe(s => s == System.Net.HttpStatusCode.OK);
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

    /// <summary>The value that a reader finds now.</summary>
    private sealed class Newest : IPayloadDecoder
    {
        private long _value;

        public long Of(IReader reader)
        {
            _ = reader.Read(this, out _);
            return _value;
        }

        public Rejection Decode(ReadOnlySpan<byte> payload)
        {
            _value = System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(payload);
            return Rejection.None;
        }
    }
}
