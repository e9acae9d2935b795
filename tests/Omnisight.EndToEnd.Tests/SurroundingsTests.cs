using System.Diagnostics;
using System.Net;

namespace Omnisight.EndToEnd.Tests;

/// <summary>Whole nodes in surroundings that are against them: a clock that jumps, a directory that is closed, clients that stay connected.</summary>
[Trait("Category", "Process")]
public sealed class SurroundingsTests : IDisposable
{
    private readonly Installation _installation = new();

    [Theory]
    [InlineData("-1h")]
    [InlineData("+1h")]
    public async Task A_wall_clock_that_is_an_hour_off_makes_nothing_stale(string offset)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/faketime"), "faketime is missing: apt-get install faketime");

        // The core's wall clock is another than the API's; the monotonic clock is the kernel's for both.
        var core = _installation.StartUnder(["env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", "-f", offset], "--profile", "core");
        await core.WaitForLine(Installation.Up);
        await _installation.Run("--profile", "api");
        var answer = await _installation.Api.UntilFresh();
        var apart = DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds(answer.Data.GetProperty("timestamp").GetInt64());
        Math.Abs(apart.TotalMinutes).ShouldBeInRange(55, 65);
        for (var i = 0; i < 15; i++)
        {
            (await _installation.Api.Get("/api/perception/detections")).Data.GetProperty("stale").GetBoolean().ShouldBeFalse();
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await _installation.Api.Until("/api/health", a => a.Status == HttpStatusCode.OK, "healthy");

        // faketime removes its own shared memory only when its child ends by itself.
        _installation.WriteCommand("SHUTDOWN");
        (await core.WaitForExit()).ShouldBe(0, core.Transcript());
    }

    [Fact]
    public async Task A_closed_runtime_directory_is_refused_with_77_the_path_and_the_uid()
    {
        Assert.SkipUnless(System.Environment.IsPrivilegedProcess, "needs root, to become another user");
        File.SetUnixFileMode(_installation.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var node = _installation.StartUnder(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], "--profile", "core");
        (await node.WaitForExit()).ShouldBe(77, node.Transcript());
        node.Transcript().ShouldContain(_installation.Directory);
        node.Transcript().ShouldContain("65534");
        _installation.LeftInSharedMemory().ShouldBeEmpty();
    }

    [Fact]
    public async Task SIGTERM_with_open_streams_ends_them_and_the_process()
    {
        const int Streams = 1000;
        var node = await _installation.Run("--set", "Api.Rest:MaxConnections=1100");
        await _installation.Api.UntilFresh();
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Streams }) { BaseAddress = new Uri($"http://127.0.0.1:{_installation.Port}") };
        var streams = new List<Task>();
        var (values, ends) = (0, 0);
        for (var i = 0; i < Streams; i++)
        {
            streams.Add(Follow());
        }

        await Eventually.Become(() => Volatile.Read(ref values) >= Streams, "every stream has values");
        var stopping = Stopwatch.StartNew();
        node.Signal(ChildProcess.SigTerm);
        (await node.WaitForExit()).ShouldBe(0, node.Transcript());
        TestContext.Current.TestOutputHelper?.WriteLine($"{stopping.ElapsedMilliseconds} ms from SIGTERM to exit with {Streams} streams");
        await Task.WhenAll(streams).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        ends.ShouldBe(Streams, "each stream is told that it ends");
        _installation.LeftInSharedMemory().ShouldBeEmpty();

        async Task Follow()
        {
            using var response = await http.GetAsync("/api/stream?channels=detections&max_hz=1", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            var counted = false;
            while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (!counted && line == "event: detections")
                {
                    counted = true;
                    Interlocked.Increment(ref values);
                }
                else if (line == "event: end")
                {
                    Interlocked.Increment(ref ends);
                }
            }
        }
    }

    public void Dispose() => _installation.Dispose();
}
