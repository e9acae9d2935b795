using System.Net;
using System.Text.Json;

namespace Omnisight.EndToEnd.Tests;

/// <summary>Commands from another process, by the command line and by REST, and what they really do.</summary>
[Trait("Category", "Process")]
public sealed class CommandTests : IDisposable
{
    private readonly Installation _installation = new();

    [Fact]
    public async Task Commands_are_acknowledged_and_do_what_they_say()
    {
        var core = await _installation.Run("--profile", "core", "--set", "Perception.Simulator:FalseAlarmsPerFrame=3");
        await _installation.Run("--profile", "api");
        await _installation.Api.UntilFresh();

        (await _installation.Tool("send", "PING")).ShouldSucceed().Output.ShouldContain("success");

        var before = (await _installation.Api.Get("/api/timeline/predictions")).Data.GetProperty("timestamp").GetInt64();
        (await _installation.Tool("send", "REFRESH_TIMELINES")).ShouldSucceed().Output.ShouldContain("timelines");
        await _installation.Api.Until("/api/timeline/predictions", a => a.Data.GetProperty("timestamp").GetInt64() > before, "newer timelines");
        (await _installation.Api.Post("/api/timeline/refresh", "{}")).Status.ShouldBe(HttpStatusCode.OK);

        await _installation.Api.Until("/api/perception/detections", a => Confidences(a).Any(c => c < 0.7), "detections below 0.7 without a threshold");
        (await _installation.Tool("send", "CONFIG_UPDATE", """{"module":"perception","config":{"confidence_threshold":0.7}}""")).ShouldSucceed();
        var frame = (await _installation.Api.Get("/api/perception/detections")).Data.GetProperty("frame_id").GetInt64();
        var confidences = new List<float>();
        for (var seen = 0; seen < 20;)
        {
            var answer = await _installation.Api.Get("/api/perception/detections");
            var id = answer.Data.GetProperty("frame_id").GetInt64();
            if (id > frame + 1)
            {
                confidences.AddRange(Confidences(answer));
                seen++;
                frame = id - 1;
            }
        }

        confidences.ShouldNotBeEmpty();
        confidences.ShouldAllBe(c => c >= 0.7f);
        var config = await _installation.Api.Until("/api/config", a => a.Status == HttpStatusCode.OK && a.ToString().Contains("0.7", StringComparison.Ordinal), "the new threshold");
        config.Data.GetProperty("values").GetRawText().ShouldContain("ConfidenceThreshold");

        (await _installation.Tool("send", "SHUTDOWN")).ShouldSucceed();
        (await core.WaitForExit()).ShouldBe(0, core.Transcript());
        var stopped = await _installation.Api.Until("/api/perception/detections", a => a.Status == HttpStatusCode.ServiceUnavailable, "503 after the core stopped");
        stopped.Code.ShouldBe("writer_stopped", stopped.ToString());
        (await _installation.Tool("send", "PING", "--timeout", "1")).Code.ShouldBe(3);
    }

    [Fact]
    public async Task The_admin_key_changes_the_configuration_over_REST_and_nobody_else_does()
    {
        await _installation.Run("--set", "Perception.Simulator:FalseAlarmsPerFrame=3");
        await _installation.Api.UntilFresh();
        const string Change = """{"Perception.Simulator":{"ConfidenceThreshold":0.8}}""";
        (await _installation.Api.Post("/api/config", Change)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await _installation.Api.Post("/api/config", Change, "not-the-key")).Status.ShouldBe(HttpStatusCode.Unauthorized);

        var key = (await File.ReadAllTextAsync(Path.Combine(_installation.Directory, $"{_installation.Name}_admin_key"), TestContext.Current.CancellationToken)).Trim();
        var changed = await _installation.Api.Post("/api/config", Change, key);
        changed.Status.ShouldBe(HttpStatusCode.OK, changed.ToString());
        var confidences = new List<float>();
        var last = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        for (var i = 0; i < 20; i++)
        {
            var frame = await _installation.Api.Until("/api/perception/detections", a => a.Data.GetProperty("timestamp").GetInt64() > last, "a frame made after the change");
            last = frame.Data.GetProperty("timestamp").GetInt64();
            confidences.AddRange(Confidences(frame));
        }

        confidences.ShouldNotBeEmpty();
        confidences.ShouldAllBe(c => c >= 0.8f);

        var refused = await _installation.Api.Post("/api/config", """{"Perception.Simulator":{"ConfidenceThreshold":1.5}}""", key);
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused.ToString().ShouldContain("ConfidenceThreshold");

        var sync = await _installation.Api.Post("/api/swarm/sync", "{}");
        sync.Code.ShouldBe("not_enabled", sync.ToString());

        // A key that is good no more is told, with where it came from, also where none would be needed.
        (await _installation.Tool("keys", "revoke", key.Split('_')[1])).ShouldSucceed();
        var late = await _installation.Tool("send", "REFRESH_TIMELINES");
        late.Code.ShouldBe(1, late.ToString());
        late.Errors.ShouldContain("revoked");
        late.Errors.ShouldContain($"{_installation.Name}_admin_key");
    }

    public void Dispose() => _installation.Dispose();

    private static List<float> Confidences(Answer answer) =>
        [.. answer.Data.GetProperty("detections").EnumerateArray().Select(d => d.GetProperty("confidence").GetSingle())];
}
