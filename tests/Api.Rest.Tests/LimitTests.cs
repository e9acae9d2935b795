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
