using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Omnisight.EndToEnd.Tests;

/// <summary>The core dies, hangs, comes late or comes again, and the API goes on answering.</summary>
[Trait("Category", "Process")]
public sealed class CoreDeathTests : IDisposable
{
    /// <summary>The same way as with the 5 s that a node has by default, sooner.</summary>
    private const string GoneAfter = "Channels:detections:StaleAfter=00:00:02";

    private readonly Installation _installation = new();

    [Fact]
    public async Task A_killed_core_is_stale_then_gone_and_a_new_one_is_served_without_a_restart()
    {
        var core = await _installation.Run("--profile", "core");
        await _installation.Run("--profile", "api");
        await _installation.Api.UntilFresh();

        using var over = new CancellationTokenSource();
        var events = new ConcurrentQueue<string>();
        var following = Follow(events, over.Token);
        await Eventually.Become(() => events.Contains("event: detections"), "the stream has values");

        core.Signal(ChildProcess.SigKill);
        await core.WaitForExit();
        await _installation.Api.Until(
            "/api/perception/detections", a => a.Status == HttpStatusCode.OK && a.Data.GetProperty("stale").GetBoolean(), "the last frame, marked stale");
        var gone = await _installation.Api.Until("/api/perception/detections", a => a.Status == HttpStatusCode.ServiceUnavailable, "503");
        gone.Code.ShouldBe("writer_stale", gone.ToString());
        gone.Headers.RetryAfter.ShouldNotBeNull();
        await _installation.Api.Until(
            "/api/health", a => a.Status == HttpStatusCode.ServiceUnavailable && !a.Body.GetProperty("checks").GetProperty("data_fresh").GetBoolean(), "unhealthy, without fresh data");
        (await _installation.Api.Http.GetAsync("/healthz", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var successor = _installation.Start("--profile", "core");
        await successor.WaitForLine(Installation.Up);
        var started = Stopwatch.StartNew();
        var fresh = await _installation.Api.UntilFresh();
        TestContext.Current.TestOutputHelper?.WriteLine($"fresh {started.ElapsedMilliseconds} ms after the core said that it is up");
        // The core's own clock tells how soon: its frames are 100 ms apart, and it says that it is up within its first 2 s.
        fresh.Data.GetProperty("frame_id").GetInt64().ShouldBeLessThan(40, "fresh within 2 s");
        await _installation.Api.Until("/api/health", a => a.Status == HttpStatusCode.OK, "healthy again");

        await Eventually.Become(() => events.Contains("event: reset"), "the open stream tells of the new start");
        await over.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(following);
    }

    [Fact]
    public async Task An_API_that_was_there_first_serves_the_core_that_comes()
    {
        await _installation.Run("--profile", "api");
        var none = await _installation.Api.Get("/api/perception/detections");
        none.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        none.Code.ShouldBe("not_ready");
        (await _installation.Api.Get("/api/stats")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        await _installation.Run("--profile", "core");
        await _installation.Api.UntilFresh();
        await _installation.Api.Until("/api/stats", a => a.Status == HttpStatusCode.OK, "the core's stats");
        await _installation.Api.Until("/api/health", a => a.Status == HttpStatusCode.OK, "healthy");
    }

    [Fact]
    public async Task A_core_that_hangs_is_stale_then_gone_and_no_other_takes_its_place_meanwhile()
    {
        var core = await _installation.Run("--profile", "core");
        await _installation.Run("--profile", "api", "--set", GoneAfter);
        await _installation.Api.UntilFresh();

        core.Signal(ChildProcess.SigStop);
        await _installation.Api.Until("/api/perception/detections", a => a.Status == HttpStatusCode.OK && a.Data.GetProperty("stale").GetBoolean(), "stale");
        var second = _installation.Start("--profile", "core");
        (await second.WaitForExit()).ShouldBe(3, second.Transcript());
        var gone = await _installation.Api.Until("/api/perception/detections", a => a.Status == HttpStatusCode.ServiceUnavailable, "503");
        gone.Code.ShouldBe("writer_stale");

        core.Signal(ChildProcess.SigCont);
        await _installation.Api.UntilFresh();
        core.HasExited.ShouldBeFalse();
    }

    public void Dispose() => _installation.Dispose();

    private async Task Follow(ConcurrentQueue<string> lines, CancellationToken over)
    {
        using var stream = new StreamReader(await _installation.Api.Http.GetStreamAsync("/api/stream?channels=detections", over));
        while (await stream.ReadLineAsync(over) is { } line)
        {
            if (line.StartsWith("event:", StringComparison.Ordinal))
            {
                lines.Enqueue(line);
            }
        }
    }
}
