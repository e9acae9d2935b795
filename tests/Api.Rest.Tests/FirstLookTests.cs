using System.Net;
using System.Text.Json;
using Omnisight.Api.Rest.Tests.Node;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>The first request for a channel that nobody looked at yet is answered with what is there.</summary>
public class FirstLookTests
{
    private const string Process = """{"pid":77,"role":"api","status":"running","plugins":[{"id":"Other","state":"faulted","reason":"boom","modules":[]}],"channels":[],"system":{"memory_mb":50}}""";

    [Fact]
    public async Task A_swarm_is_seen_at_the_first_look()
    {
        await using var api = await RunningApi.Start(n => n.Add("swarm", "omnisight.swarm/1").Publish("""{"neighbors":[{"id":"n1"}],"cameras":[]}"""));
        var data = (await Get(api, "/api/swarm/network", HttpStatusCode.OK)).GetProperty("data");
        data.GetProperty("enabled").GetBoolean().ShouldBeTrue();
        data.GetProperty("neighbors").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Any_channel_is_served_at_the_first_look()
    {
        await using var api = await RunningApi.Start(n => n.Add("gripper", "omnisight.stats/1").Publish("""{"force":3}"""));
        (await Get(api, "/api/channels/gripper", HttpStatusCode.OK)).GetProperty("data").GetProperty("force").GetInt32().ShouldBe(3);
    }

    [Theory]
    [InlineData("/api/plugins")]
    [InlineData("/api/status")]
    [InlineData("/api/health")]
    public async Task Another_process_is_seen_at_the_first_look(string path)
    {
        await using var api = await RunningApi.Start(n =>
        {
            n["detections"].Publish(Frames.Detections);
            n["status"].Publish(Frames.Status);
            n["plugins"].Publish(Frames.Plugins);
            n.Add("proc-77", "omnisight.process/1").Publish(Process);
        });
        var answer = await Get(api, path, HttpStatusCode.OK);
        answer.GetRawText().ShouldContain(path == "/api/status" ? "\"pid\":77" : "Other");
    }

    private static async Task<JsonElement> Get(RunningApi api, string path, HttpStatusCode status)
    {
        using var response = await api.Client.GetAsync(path);
        response.StatusCode.ShouldBe(status);
        return await RunningApi.Json(response);
    }
}
