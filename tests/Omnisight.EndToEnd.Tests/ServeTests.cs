using System.Net;
using System.Text.Json;

namespace Omnisight.EndToEnd.Tests;

/// <summary>One process with everything, as the README starts it.</summary>
[Trait("Category", "Process")]
public sealed class ServeTests : IDisposable
{
    private readonly Installation _installation = new();

    [Fact]
    public async Task The_set_all_serves_everything_and_stops_without_a_trace()
    {
        var node = await _installation.Run();
        await _installation.Api.UntilFresh();
        await _installation.Api.UntilFresh("/api/perception/tracks");
        await _installation.Api.UntilFresh("/api/timeline/predictions");
        var health = await _installation.Api.Until("/api/health", a => a.Status == HttpStatusCode.OK, "healthy");
        health.Body.GetProperty("status").GetString().ShouldBe("healthy", health.ToString());

        var detections = (await _installation.Api.Get("/api/perception/detections")).Data;
        detections.GetProperty("frame").GetProperty("width").GetInt32().ShouldBe(1280);
        detections.GetProperty("coordinate_space").GetString().ShouldBe("normalized_xywh");
        foreach (var detection in detections.GetProperty("detections").EnumerateArray())
        {
            detection.GetProperty("bbox").GetArrayLength().ShouldBe(4);
            detection.GetProperty("class").GetString().ShouldBeOneOf("person", "animal");
        }

        var stats = await _installation.Api.Until(
            "/api/stats", a => a.Status == HttpStatusCode.OK && a.Data.GetProperty("perception").TryGetProperty("fps", out var fps) && fps.GetDouble() > 5, "10 Hz in the stats");
        stats.Data.GetProperty("system").GetProperty("memory_mb").GetDouble().ShouldBeGreaterThan(1);
        (await _installation.Api.Get("/api/status")).Data.GetProperty("status").GetString().ShouldBe("running");
        var plugins = (await _installation.Api.Get("/api/plugins")).Data.GetProperty("plugins");
        foreach (var id in new[] { "Transport.Shm", "Transport.Fifo", "Transport.JsonFile", "Perception.Simulator", "Api.Rest" })
        {
            plugins.EnumerateArray().ShouldContain(p => IsActive(p, id), plugins.GetRawText());
        }

        var channels = (await _installation.Api.Get("/api/channels")).Data.GetProperty("channels");
        channels.EnumerateArray().ShouldContain(c => c.GetProperty("name").GetString() == "detections");
        (await _installation.Api.Http.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);

        node.Signal(ChildProcess.SigTerm);
        (await node.WaitForExit()).ShouldBe(0, node.Transcript());
        node.Errors.ShouldNotContain(l => l.Contains("Exception", StringComparison.Ordinal), node.Transcript());
        _installation.LeftInSharedMemory().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("jsonfile")]
    [InlineData("fifo")]
    public async Task A_channel_goes_by_the_transport_that_is_configured(string transport)
    {
        await _installation.Run("--set", $"Channels:detections:Transport={transport}");
        var detections = await _installation.Api.UntilFresh();
        detections.Data.GetProperty("truncated").GetInt32().ShouldBe(0);
        File.Exists(_installation.Region("detections")).ShouldBeFalse();
        await _installation.Api.UntilFresh("/api/perception/tracks");
    }

    [Fact]
    public async Task More_objects_than_a_frame_holds_are_counted()
    {
        await _installation.Run("--set", "Perception.Simulator:Walkers=300", "--set", "Channels:tracks:Capacity=300");
        var detections = await _installation.Api.Until(
            "/api/perception/detections", a => a.Status == HttpStatusCode.OK && a.Data.GetProperty("truncated").GetInt32() > 0, "more than 50 detections");
        detections.Data.GetProperty("detections").GetArrayLength().ShouldBe(50);
        var tracks = await _installation.Api.Until(
            "/api/perception/tracks", a => a.Status == HttpStatusCode.OK && a.Data.GetProperty("tracks").GetArrayLength() > 50, "more tracks than the default capacity");
        tracks.Data.GetProperty("truncated").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Ctrl_C_ends_with_130()
    {
        var node = await _installation.Run("--profile", "core");
        node.Signal(ChildProcess.SigInt);
        (await node.WaitForExit()).ShouldBe(130, node.Transcript());
    }

    [Fact]
    public async Task A_second_start_of_the_instance_is_refused_and_names_the_first()
    {
        var node = await _installation.Run();
        await _installation.Api.UntilFresh();
        var second = _installation.Start("--profile", "core");
        (await second.WaitForExit()).ShouldBe(3, second.Transcript());
        second.Transcript().ShouldContain("already has a publisher");
        second.Transcript().ShouldContain($"pid {node.Id}");
        await _installation.Api.UntilFresh();

        using var other = new Installation();
        await other.Run();
        await other.Api.UntilFresh();
        await _installation.Api.UntilFresh();
    }

    public void Dispose() => _installation.Dispose();

    private static bool IsActive(JsonElement plugin, string id) =>
        plugin.GetProperty("id").GetString() == id && plugin.GetProperty("state").GetString() == "active";
}
