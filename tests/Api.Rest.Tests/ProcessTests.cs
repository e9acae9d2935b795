using System.Net;
using System.Net.Sockets;
using System.Text;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>The API as a process, beside a core that dies.</summary>
[Trait("Category", "Process")]
public class ProcessTests
{
    [Fact]
    public async Task The_api_outlives_the_core_and_finds_its_successor()
    {
        using var node = new NodeProcesses();
        var core = node.StartCore();
        _ = await node.StartApi("api");
        _ = await node.GetWhen("/api/perception/detections", HttpStatusCode.OK, a => !a.GetProperty("data").GetProperty("stale").GetBoolean());
        _ = await node.GetWhen("/api/health", HttpStatusCode.OK);
        core.Signal(ChildProcess.SigKill);

        _ = await node.GetWhen("/api/perception/detections", HttpStatusCode.OK, a => a.GetProperty("data").GetProperty("stale").GetBoolean());
        var error = await node.GetWhen("/api/perception/detections", HttpStatusCode.ServiceUnavailable);
        error.GetProperty("code").GetString().ShouldBe("writer_stale");
        (await node.GetWhen("/api/health", HttpStatusCode.ServiceUnavailable)).GetProperty("checks").GetProperty("core_responsive").GetBoolean().ShouldBeFalse();
        using var refresh = await node.Client.PostAsync("/api/timeline/refresh", null);
        refresh.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await RunningApi.Json(refresh)).GetProperty("code").GetString().ShouldBe("ack_timeout");

        _ = node.StartCore();
        _ = await node.GetWhen("/api/perception/detections", HttpStatusCode.OK, a => !a.GetProperty("data").GetProperty("stale").GetBoolean());
        _ = await node.GetWhen("/api/health", HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_thousand_streams_get_their_last_event_and_do_not_hold_the_exit()
    {
        using var node = new NodeProcesses();
        var process = await node.StartApi("all", "--set", "Api.Rest:MaxConnections=1100");
        _ = await node.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        var sockets = new List<Socket>();
        for (var i = 0; i < 1000; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(node.Url.Host, node.Url.Port);
            _ = await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/stream?channels=stats HTTP/1.1\r\nHost: {node.Url.Authority}\r\n\r\n"));
            sockets.Add(socket);
        }

        await Eventually.Become(async () => (await node.Client.GetStringAsync("/metrics")).Contains("omnisight_streams{kind=\"sse\"} 1000", StringComparison.Ordinal), "all streams are open");
        process.Signal(ChildProcess.SigTerm);
        (await process.WaitForExit()).ShouldBe(0);
        File.Exists(node.Region("detections")).ShouldBeFalse("a clean stop takes the region away");
        var told = 0;
        var buffer = new byte[64 * 1024];
        foreach (var socket in sockets)
        {
            var text = new StringBuilder();
            for (int got; (got = await socket.ReceiveAsync(buffer)) > 0;)
            {
                _ = text.Append(Encoding.UTF8.GetString(buffer, 0, got));
            }

            told += text.ToString().Contains("event: end\n", StringComparison.Ordinal) ? 1 : 0;
            socket.Dispose();
        }

        told.ShouldBe(1000);
    }

    [Fact]
    public async Task An_unsafe_address_is_refused_with_the_reason_and_nothing_listens()
    {
        using var node = new NodeProcesses();
        var process = node.Start("api", "--set", "Api.Rest:Urls=http://0.0.0.0:18399");
        _ = await process.WaitForLine("reachable from other machines without encryption");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _ = await Should.ThrowAsync<SocketException>(socket.ConnectAsync(IPAddress.Loopback, 18399));
    }
}
