using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>WebSockets: the stream's rules in messages, and how a socket ends.</summary>
public class SocketTests
{
    [Fact]
    public async Task Gaps_and_resets_are_told()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        using var socket = await Open(api, "detections");
        _ = await Next(socket, "value");
        api.Node["detections"].Skip(3);
        api.Node["detections"].Publish(Frames.Detections);
        (await Next(socket, "gap")).GetProperty("dropped").GetInt32().ShouldBe(3);
        api.Node["detections"].Restart();
        api.Node["detections"].Publish(Frames.Detections);
        (await Next(socket, "reset")).GetProperty("epoch").GetString().ShouldBe("e2");
        (await Next(socket, "value")).GetProperty("sequence").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_says_goodbye_is_answered_in_kind()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        using var socket = await Open(api, "stats");
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task A_stopping_api_says_so_and_closes()
    {
        var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        using var socket = await Open(api, "stats");
        var stopping = api.Stop();
        (await Next(socket, "end")).GetProperty("reason").GetString().ShouldBe("shutdown");
        var last = await socket.ReceiveAsync(new byte[16].AsMemory(), CancellationToken.None);
        last.MessageType.ShouldBe(WebSocketMessageType.Close);
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        await stopping;
        api.Client.Dispose();
        api.Node.Dispose();
    }

    [Fact]
    public async Task A_socket_that_does_not_read_is_cut()
    {
        await using var api = await RunningApi.Start(n =>
        {
            n.Current.StreamWriteTimeout = TimeSpan.FromSeconds(1);
            n["stats"].Publish(Frames.Stats);
        });
        using var socket = await Open(api, "stats");
        var n = 0;
        await Eventually.Become(
            async () =>
            {
                api.Node["stats"].Publish($"{{\"n\":{n++},\"fill\":\"{new string('x', 100_000)}\"}}");
                return (await api.Client.GetStringAsync("/metrics")).Contains("omnisight_sse_slow_total 1\n", StringComparison.Ordinal);
            },
            "it is cut and counted once", TimeSpan.FromSeconds(60));
        await Eventually.Become(async () => (await api.Client.GetStringAsync("/metrics")).Contains("omnisight_streams{kind=\"websocket\"} 0", StringComparison.Ordinal), "its session is gone");
    }

    [Fact]
    public async Task A_client_that_talks_without_end_is_cut_and_one_that_says_a_little_is_not()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        using var polite = await Open(api, "stats");
        await polite.SendAsync(Encoding.ASCII.GetBytes("{\"ping\":1}"), WebSocketMessageType.Text, true, CancellationToken.None);
        using var talker = await Open(api, "stats");
        _ = await Should.ThrowAsync<WebSocketException>(async () =>
        {
            while (true)
            {
                await talker.SendAsync(new byte[1024], WebSocketMessageType.Binary, true, CancellationToken.None);
            }
        });
        api.Node["stats"].Publish(Frames.Stats);
        _ = await Next(polite, "value");
    }

    private static async Task<ClientWebSocket> Open(RunningApi api, string channels)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{api.Url.Authority}/api/ws?channels={channels}"), CancellationToken.None);
        _ = await Next(socket, "hello");
        return socket;
    }

    private static async Task<JsonElement> Next(ClientWebSocket socket, string name)
    {
        while (true)
        {
            var buffer = new byte[256 * 1024];
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                part.MessageType.ShouldBe(WebSocketMessageType.Text);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            var message = JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement;
            if (message.GetProperty("event").GetString() == name)
            {
                return message;
            }
        }
    }
}
