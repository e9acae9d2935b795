using System.Net;
using System.Net.Sockets;
using System.Text;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>Everything a client can make grow has a bound.</summary>
public class LimitTests
{
    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_the_management_address_still_answers()
    {
        await using var api = await RunningApi.Start(n =>
        {
            n.Current.MaxConnections = 50;
            n.Current.ManagementUrls = "http://127.0.0.1:0";
        });
        var idle = new List<Socket>();
        for (var i = 0; i < 200; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            idle.Add(socket);
            try
            {
                await socket.ConnectAsync(api.Url.Host, api.Url.Port);
            }
            catch (SocketException)
            {
                // Closed before the connect had even returned: one of those that are too many.
            }
        }

        await Eventually.Become(() => idle.Count(IsClosed) >= 150, "what is too much is closed");
        idle.Count(s => !IsClosed(s)).ShouldBe(50);
        using var management = new HttpClient { BaseAddress = api.Urls[1] };
        (await management.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await management.GetStringAsync("/metrics")).ShouldContain("omnisight_http_connections 50");
        (await management.GetAsync("/api/stats")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        idle.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task Headers_that_are_too_large_get_431()
    {
        await using var api = await RunningApi.Start();
        (await Raw.Get(api.Url, "/healthz", $"X-Large: {new string('x', 33_000)}\r\n")).ShouldStartWith("HTTP/1.1 431");
    }

    [Fact]
    public async Task Headers_that_never_end_and_bodies_that_trickle_get_408()
    {
        await using var api = await RunningApi.Start();
        var slowHeaders = Raw.Send(api.Url, $"GET /healthz HTTP/1.1\r\nHost: {api.Url.Authority}\r\nX-Slow: ");
        var slowBody = Raw.Send(api.Url, $"POST /api/config HTTP/1.1\r\nHost: {api.Url.Authority}\r\nContent-Type: application/json\r\nAuthorization: Bearer {api.AdminKey}\r\nContent-Length: 5000\r\n\r\n{{");
        (await slowHeaders).ShouldStartWith("HTTP/1.1 408");
        (await slowBody).ShouldStartWith("HTTP/1.1 408");
    }

    [Fact]
    public async Task A_body_of_thirty_megabytes_is_refused_unread()
    {
        await using var api = await RunningApi.Start();
        var answer = await Raw.Send(
            api.Url, $"POST /api/config HTTP/1.1\r\nHost: {api.Url.Authority}\r\nContent-Type: application/json\r\nAuthorization: Bearer {api.AdminKey}\r\nContent-Length: 31457280\r\nConnection: close\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 413");
        answer.ShouldContain("\"too_large\"");
    }

    [Theory]
    [InlineData("Content-Length: 31457280\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n")]
    public async Task A_command_that_takes_no_body_is_not_run_with_one_that_is_too_large(string body)
    {
        await using var api = await RunningApi.Start();
        api.Node.Core.Answer("REFRESH_TIMELINES", true, "ok");
        var chunk = body.StartsWith("Transfer", StringComparison.Ordinal) ? string.Concat(Enumerable.Repeat($"4000\r\n{new string('x', 0x4000)}\r\n", 6)) : "";
        foreach (var path in new[] { "/api/timeline/refresh", "/api/swarm/sync", "/api/tickets" })
        {
            var answer = await Raw.Send(api.Url, $"POST {path} HTTP/1.1\r\nHost: {api.Url.Authority}\r\nConnection: close\r\n{body}{chunk}");
            answer.ShouldStartWith("HTTP/1.1 413");
            answer.ShouldContain("\"too_large\"");
        }

        api.Node.Core.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_that_never_reads_a_page_loses_its_connection()
    {
        await using var api = await RunningApi.Start(n => n.Current.StreamWriteTimeout = TimeSpan.FromSeconds(1));
        var sockets = new List<Socket>();
        for (var i = 0; i < 20; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            await socket.ConnectAsync(api.Url.Host, api.Url.Port);
            // Large, and many small ones: what stays unread is under no buffer's limit in the second.
            var request = i % 2 == 0 ? "GET /docs/scalar.js" : "GET /openapi/v1.json";
            _ = await socket.SendAsync(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: {api.Url.Authority}\r\n\r\n"));
            sockets.Add(socket);
        }

        await Eventually.Become(
            async () => (await api.Client.GetStringAsync("/metrics")).Contains("omnisight_http_connections_stalled_total 20", StringComparison.Ordinal), "all are cut");
        await Eventually.Become(
            async () => (await api.Client.GetStringAsync("/metrics")).Contains("omnisight_http_connections 1\n", StringComparison.Ordinal), "only the asking client is left");
        sockets.ForEach(s => s.Dispose());
    }

    private static bool IsClosed(Socket socket)
    {
        try
        {
            return !socket.Connected || (socket.Poll(0, SelectMode.SelectRead) && socket.Receive(new byte[1], SocketFlags.Peek) == 0);
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
