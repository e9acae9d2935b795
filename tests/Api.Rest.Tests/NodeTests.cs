using System.Net;
using Omnisight.Api.Rest.Tests.Node;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

public class NodeTests
{
    private static void Live(ScriptedNode node)
    {
        node["detections"].Publish(Frames.Detections);
        node["stats"].Publish(Frames.Stats);
        node["status"].Publish(Frames.Status);
        node["plugins"].Publish(Frames.Plugins);
        node["config"].Publish(Frames.Config);
    }

    [Fact]
    public async Task Health_is_healthy_when_data_flow_and_the_core_answers()
    {
        await using var api = await RunningApi.Start(Live);
        var health = await api.GetWhen("/api/health", HttpStatusCode.OK, h => h.GetProperty("status").GetString() == "healthy");
        var checks = health.GetProperty("checks");
        checks.GetProperty("shm_accessible").GetBoolean().ShouldBeTrue();
        checks.GetProperty("data_fresh").GetBoolean().ShouldBeTrue();
        checks.GetProperty("core_responsive").GetBoolean().ShouldBeTrue();
        checks.GetProperty("simulator").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Health_is_degraded_when_a_plugin_failed_and_unhealthy_when_the_core_is_silent()
    {
        await using var api = await RunningApi.Start(n =>
        {
            Live(n);
            n["plugins"].Publish("""{"pid":42,"plugins":[{"id":"Bad","state":"faulted","reason":"boom","modules":[]}]}""");
        });
        var health = await api.GetWhen("/api/health", HttpStatusCode.OK, h => h.GetProperty("status").GetString() == "degraded");
        health.GetProperty("checks").GetProperty("Bad").GetBoolean().ShouldBeFalse();

        api.Node.Core.Alive = false;
        api.Node["detections"].Publish(Frames.Detections);
        health = await api.GetWhen("/api/health", HttpStatusCode.ServiceUnavailable, h => !h.GetProperty("checks").GetProperty("core_responsive").GetBoolean());
        health.GetProperty("status").GetString().ShouldBe("unhealthy");
    }

    [Theory]
    [InlineData("""{"id":"Bad","state":"disabled","reason":"it brought the process down","chosen":true,"modules":[]}""", false)]
    [InlineData("""{"id":"Bad","state":"faulted","reason":"module 'x' has not become ready","chosen":true,"modules":[{"name":"x","state":"starting"}]}""", false)]
    [InlineData("""{"id":"Bad","state":"disabled","reason":"it is not in the set","chosen":false,"modules":[]}""", true)]
    [InlineData("""{"id":"Bad","state":"faulted","reason":"no manifest","chosen":false,"modules":[]}""", true)]
    public async Task Health_counts_a_plugin_that_was_chosen_and_does_not_run(string plugin, bool healthy)
    {
        await using var api = await RunningApi.Start(n =>
        {
            Live(n);
            n["plugins"].Publish($$"""{"pid":42,"plugins":[{{plugin}}]}""");
        });
        var health = await api.GetWhen("/api/health", HttpStatusCode.OK, h => h.GetProperty("checks").GetProperty("core_responsive").GetBoolean());
        health.GetProperty("status").GetString().ShouldBe(healthy ? "healthy" : "degraded");
        (health.GetProperty("checks").TryGetProperty("Bad", out var check) && !check.GetBoolean()).ShouldBe(!healthy);
    }

    [Fact]
    public async Task Stats_status_plugins_and_config_come_from_their_channels()
    {
        await using var api = await RunningApi.Start(n =>
        {
            Live(n);
            n.Add("proc-77", "omnisight.process/1").Publish("""{"pid":77,"role":"api","status":"running","plugins":[{"id":"Api.Rest","state":"running","modules":[{"name":"api","state":"running"}]}],"channels":[],"system":{"memory_mb":50}}""");
        });
        (await api.GetWhen("/api/stats", HttpStatusCode.OK)).GetProperty("data").GetProperty("perception").GetProperty("fps").GetDouble().ShouldBe(10);
        var status = (await api.GetWhen("/api/status", HttpStatusCode.OK, s => s.GetProperty("data").GetProperty("processes").GetArrayLength() == 1)).GetProperty("data");
        status.GetProperty("pid").GetInt32().ShouldBe(42);
        status.GetProperty("processes")[0].GetProperty("role").GetString().ShouldBe("api");
        var plugins = (await api.GetWhen("/api/plugins", HttpStatusCode.OK)).GetProperty("data").GetProperty("plugins");
        plugins.EnumerateArray().Select(p => (p.GetProperty("id").GetString(), p.GetProperty("process").GetProperty("pid").GetInt32(), p.GetProperty("process").GetProperty("role").GetString()))
            .ShouldBe([("Perception.Simulator", 42, "core"), ("Api.Rest", 77, "api")]);
        var config = (await api.GetWhen("/api/config", HttpStatusCode.OK)).GetProperty("data");
        config.GetProperty("values").GetProperty("Instance").GetString().ShouldBe("x");
        config.TryGetProperty("schema", out _).ShouldBeFalse();
        (await api.GetWhen("/api/config/schema", HttpStatusCode.OK)).GetProperty("data").GetProperty("type").GetString().ShouldBe("object");
        (await api.GetWhen("/api/perception/status", HttpStatusCode.OK)).GetProperty("data").GetProperty("channels").GetProperty("detections").GetProperty("state").GetString().ShouldBe("live");
        (await api.GetWhen("/api/timeline/status", HttpStatusCode.OK)).GetProperty("data").GetProperty("active_timelines").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_swarm_module_the_swarm_is_not_enabled()
    {
        await using var api = await RunningApi.Start();
        api.Node.Core.Answer("SYNC_SWARM", false, "no module of this node handles SYNC_SWARM", "not_enabled");
        foreach (var (path, list) in new[] { ("/api/swarm/network", "neighbors"), ("/api/swarm/cameras", "cameras") })
        {
            var data = (await api.GetWhen(path, HttpStatusCode.OK)).GetProperty("data");
            data.GetProperty("enabled").GetBoolean().ShouldBeFalse();
            data.GetProperty(list).GetArrayLength().ShouldBe(0);
        }

        var (status, body) = await api.Post("/api/swarm/sync");
        status.ShouldBe(HttpStatusCode.Conflict);
        body.GetProperty("code").GetString().ShouldBe("not_enabled");
    }

    [Fact]
    public async Task A_refresh_waits_for_its_acknowledgement_and_says_when_there_is_none()
    {
        await using var api = await RunningApi.Start();
        api.Node.Current.CommandTimeout = TimeSpan.FromMilliseconds(200);
        api.Node.Core.Answer("REFRESH_TIMELINES", true, "timelines will be refreshed");
        var (status, body) = await api.Post("/api/timeline/refresh");
        status.ShouldBe(HttpStatusCode.OK);
        body.GetProperty("data").GetProperty("message").GetString().ShouldBe("timelines will be refreshed");

        api.Node.Core.Answer("REFRESH_TIMELINES", false, "not now", "busy");
        (status, body) = await api.Post("/api/timeline/refresh");
        status.ShouldBe(HttpStatusCode.InternalServerError);
        body.GetProperty("code").GetString().ShouldBe("rejected");

        api.Node.Core.Alive = false;
        (status, body) = await api.Post("/api/timeline/refresh");
        status.ShouldBe(HttpStatusCode.InternalServerError);
        body.GetProperty("code").GetString().ShouldBe("ack_timeout");
    }

    [Fact]
    public async Task Configuration_is_changed_by_a_command_with_the_callers_key_or_not_at_all()
    {
        await using var api = await RunningApi.Start();
        api.Node.Core.Answer("CONFIG_UPDATE", true, "changed", data: """{"changed":["a"],"restart_required":[]}""");
        (await api.Post("/api/config", "{}")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        var (status, body) = await api.Post("/api/config?dry_run=true", """{"Api.Rest":{"MaxConnections":10}}""", api.AdminKey);
        status.ShouldBe(HttpStatusCode.OK);
        body.GetProperty("data").GetProperty("result").GetProperty("changed")[0].GetString().ShouldBe("a");
        var sent = api.Node.Core.Received.Last();
        sent.Data.ShouldBe("""{"config":{"Api.Rest":{"MaxConnections":10}},"dry_run":true}""");
        sent.Token.ShouldBe(api.AdminKey);

        _ = await api.Post("/api/config", """{"module":"perception","config":{"confidence_threshold":0.7}}""", api.AdminKey);
        api.Node.Core.Received.Last().Data.ShouldBe("""{"module":"perception","config":{"confidence_threshold":0.7}}""");

        api.Node.Core.Answer("CONFIG_UPDATE", false, "pinned by --set", "pinned", """{"errors":{"Api.Rest:Urls":"is pinned by --set"}}""");
        (status, body) = await api.Post("/api/config", "{}", api.AdminKey);
        status.ShouldBe(HttpStatusCode.Conflict);
        body.GetProperty("errors").GetProperty("Api.Rest:Urls").GetString().ShouldBe("is pinned by --set");
        File.ReadAllText(Path.Combine(api.Node.RuntimeDirectory, api.Node.Instance + "_audit.ndjson")).ShouldContain("CONFIG_UPDATE");
    }

    [Fact]
    public async Task Channels_are_listed_with_what_this_reader_sees_and_each_can_be_looked_at()
    {
        await using var api = await RunningApi.Start(n =>
        {
            Live(n);
            n.Add("lidar", "acme.lidar/1").Publish("{}");
            n.Add("commands", "omnisight.command/1", delivery: Delivery.Stream);
        });
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        var channels = (await api.GetWhen("/api/channels", HttpStatusCode.OK)).GetProperty("data").GetProperty("channels").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        channels["detections"].GetProperty("reader").GetProperty("state").GetString().ShouldBe("live");
        channels["lidar"].GetProperty("message_id").GetString().ShouldBe("acme.lidar/1");

        (await api.GetWhen("/api/channels/detections", HttpStatusCode.OK)).GetProperty("data").GetProperty("frame_id").GetInt32().ShouldBe(7);
        var unknown = await api.GetWhen("/api/channels/lidar", HttpStatusCode.UnsupportedMediaType);
        unknown.GetProperty("code").GetString().ShouldBe("no_codec");
        unknown.GetProperty("channel").GetProperty("message_id").GetString().ShouldBe("acme.lidar/1");
        (await api.GetWhen("/api/channels/commands", HttpStatusCode.UnsupportedMediaType)).GetProperty("code").GetString().ShouldBe("stream_channel");
        (await api.GetWhen("/api/channels/nothing", HttpStatusCode.NotFound)).GetProperty("code").GetString().ShouldBe("unknown_channel");
        api.Node["commands"].Readers.ShouldBe(0, "a second reader of a stream would take messages from the first");
    }

    [Fact]
    public async Task The_history_keeps_the_last_timelines_newest_first()
    {
        await using var api = await RunningApi.Start(n => n.Current.TimelineHistory = 2);
        for (var i = 1; i <= 3; i++)
        {
            api.Node["timelines"].Publish($$"""{"timestamp":{{i}},"frame":{"width":1,"height":1},"coordinate_space":"normalized_xywh","truncated":0,"timelines":[]}""");
            _ = await api.GetWhen("/api/timeline/predictions", HttpStatusCode.OK, a => a.GetProperty("data").GetProperty("timestamp").GetInt32() == i);
        }

        var history = (await api.GetWhen("/api/timeline/history", HttpStatusCode.OK)).GetProperty("data").GetProperty("history");
        history.EnumerateArray().Select(h => h.GetProperty("timestamp").GetInt32()).ShouldBe([3, 2]);
        history = (await api.GetWhen("/api/timeline/history?limit=1", HttpStatusCode.OK)).GetProperty("data").GetProperty("history");
        history.GetArrayLength().ShouldBe(1);
        _ = await api.GetWhen("/api/timeline/history?limit=x", HttpStatusCode.BadRequest);
    }
}
