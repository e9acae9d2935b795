using System.Net;
using System.Net.Sockets;
using System.Text;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>Clients that connect and then do not read, or leave without a word.</summary>
public class StalledStreamTests
{
    [Fact]
    public async Task A_client_that_does_not_read_is_cut_while_the_others_go_on()
    {
        await using var api = await RunningApi.Start(n =>
        {
            n.Current.StreamWriteTimeout = TimeSpan.FromSeconds(1);
            n["stats"].Publish(Large(0));
        });
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        var stalled = new List<Socket>();
        for (var i = 0; i < 10; i++)
        {
            stalled.Add(await Stall(api.Url));
        }

        using var events = await EventReader.Open(api.Client, "/api/stream?channels=stats");
        using var stop = new CancellationTokenSource();
        var publishing = Publish(api, stop.Token);
        var read = 0;
        var reading = Task.Run(async () =>
        {
            while (await events.Next("stats") is not null)
            {
                read++;
            }
        });
        var pinned = 0L;
        await Eventually.Become(
            async () =>
            {
                pinned = Math.Max(pinned, MostQueued(api.Url.Port));
                return await Metric(api, "omnisight_sse_slow_total") == 10;
            },
            "all stalled clients are cut", TimeSpan.FromSeconds(50));
        pinned.ShouldBeInRange(1, 256 * 1024, "bytes of kernel memory that a stalled client may pin");
        await Eventually.Become(async () => await Metric(api, "omnisight_streams{kind=\"sse\"}") == 1, "only the reading client is left");
        var before = read;
        await Eventually.Become(() => read > before + 10, "the reading client goes on");
        await stop.CancelAsync();
        await publishing;
        stalled.ForEach(s => s.Dispose());
        await api.Stop();
        _ = await Should.ThrowAsync<InvalidOperationException>(reading);
    }

    [Theory]
    [InlineData("/api/stream", "")]
    [InlineData("/api/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")]
    public async Task A_client_is_cut_long_before_small_values_fill_its_own_buffer(string path, string headers)
    {
        const int Size = 900, Room = 120_000;
        await using var api = await RunningApi.Start(n =>
        {
            n.Current.StreamWriteTimeout = TimeSpan.FromSeconds(1);
            n["stats"].Publish(Frames.Stats);
        });
        // A socket of both families, as many runtimes use for IPv4: the kernel keeps it in another table.
        using var stalled = new Socket(SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        await stalled.ConnectAsync(api.Url.Host, api.Url.Port);
        _ = await stalled.SendAsync(Encoding.ASCII.GetBytes($"GET {path}?channels=stats HTTP/1.1\r\nHost: {api.Url.Authority}\r\n{headers}\r\n"));
        using var events = await EventReader.Open(api.Client, "/api/stream?channels=stats");
        var reading = Task.Run(async () =>
        {
            while (await events.Next() is not null)
            {
            }
        });
        var sent = 0;
        await Eventually.Become(
            async () =>
            {
                api.Node["stats"].Publish($"{{\"fill\":\"{new string('x', Size)}\"}}");
                sent += Size;
                await Task.Delay(40);
                return await Metric(api, "omnisight_sse_slow_total") == 1;
            },
            "it is cut", TimeSpan.FromSeconds(50));
        sent.ShouldBeLessThan(Room, "bytes; more fills the client's own buffer, which the server's kernel would notice");
        await Eventually.Become(async () => await Metric(api, "omnisight_streams{kind=\"sse\"}") + await Metric(api, "omnisight_streams{kind=\"websocket\"}") == 1, "the reading client is left");
        await api.Stop();
        await reading;
    }

    [Fact]
    public async Task An_answer_may_be_read_as_late_as_its_program_likes()
    {
        await using var api = await RunningApi.Start(n => n.Current.StreamWriteTimeout = TimeSpan.FromSeconds(1));
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await late.ConnectAsync(api.Url.Host, api.Url.Port);
        _ = await late.SendAsync(Encoding.ASCII.GetBytes($"GET /healthz HTTP/1.1\r\nHost: {api.Url.Authority}\r\n\r\n"));
        using var stalled = await Stall(api.Url);
        api.Node["stats"].Publish(Frames.Stats);
        await Eventually.Become(async () => await Metric(api, "omnisight_sse_slow_total") == 1, "a stream that waits as long is cut", TimeSpan.FromSeconds(50));
        var buffer = new byte[4096];
        Encoding.ASCII.GetString(buffer, 0, await late.ReceiveAsync(buffer)).ShouldStartWith("HTTP/1.1 200");
    }

    [Fact]
    public async Task Clients_that_come_and_go_leave_nothing_behind()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        await Cycle(api.Url, 20);
        await Eventually.Become(() => Descriptors(api.Url.Port) <= 2, "the warm-up's sockets are closed");
        var before = System.IO.Directory.GetFiles("/proc/self/fd").Length;
        await Cycle(api.Url, 1000);
        await Eventually.Become(async () => await Metric(api, "omnisight_streams{kind=\"sse\"}") == 0, "no stream is left");
        // Other tests of this process open descriptors of their own: a leak of a thousand would still show.
        await Eventually.Become(() => System.IO.Directory.GetFiles("/proc/self/fd").Length < before + 200, "descriptors are given back");
    }

    [Fact]
    public async Task A_stopping_api_does_not_wait_for_a_client_that_stalls()
    {
        var api = await RunningApi.Start(n => n["stats"].Publish(Large(0)));
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        using var stalled = await Stall(api.Url);
        for (var i = 1; i < 40; i++)
        {
            api.Node["stats"].Publish(Large(i));
            await Task.Delay(5);
        }

        await api.Stop().WaitAsync(TimeSpan.FromSeconds(30));
        api.Client.Dispose();
        api.Node.Dispose();
    }

    private static string Large(int n) => $"{{\"n\":{n},\"fill\":\"{new string('x', 20_000)}\"}}";

    private static async Task Publish(RunningApi api, CancellationToken stop)
    {
        for (var n = 1; !stop.IsCancellationRequested; n++)
        {
            api.Node["stats"].Publish(Large(n));
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private static async Task<Socket> Stall(Uri server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(server.Host, server.Port);
        _ = await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/stream?channels=stats HTTP/1.1\r\nHost: {server.Authority}\r\n\r\n"));
        return socket;
    }

    private static async Task Cycle(Uri server, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var socket = await Stall(server);
        }
    }

    /// <summary>The fullest send queue of the server's connections, as the kernel tells it.</summary>
    private static long MostQueued(int port) => File.ReadLines("/proc/net/tcp").Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(f => f[1].EndsWith($":{port:X4}", StringComparison.Ordinal)).Select(f => Convert.ToInt64(f[4].Split(':')[0], 16)).DefaultIfEmpty().Max();

    private static int Descriptors(int port) =>
        File.ReadLines("/proc/net/tcp").Count(l => l.Contains($":{port:X4} ", StringComparison.Ordinal) && l.Contains(" 01 ", StringComparison.Ordinal));

    private static async Task<double> Metric(RunningApi api, string name)
    {
        var text = await api.Client.GetStringAsync("/metrics");
        var line = text.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..]);
    }
}
