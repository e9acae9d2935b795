using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Omnisight.Api.Rest.Tests.Node;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

public class StreamTests
{
    [Fact]
    public async Task A_stream_says_hello_and_then_sends_each_value_as_the_rest_data()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        var rest = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        using var events = await EventReader.Open(api.Client, "/api/stream?channels=detections");
        var hello = (await events.Next("hello")).Json;
        hello.GetProperty("channels")[0].GetProperty("name").GetString().ShouldBe("detections");
        var value = await events.Next("detections");
        value.Id.ShouldBe("detections/e1-1");
        value.Data.ShouldBe(rest.GetProperty("data").GetRawText());

        api.Node["detections"].Publish(Frames.EmptyScene);
        value = await events.Next("detections");
        value.Id.ShouldBe("detections/e1-2");
        value.Json.GetProperty("detections").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task The_raw_bytes_of_an_event_are_those_of_the_standard()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish("{\"a\":1}"));
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        using var response = await api.Client.GetAsync("/api/stream?channels=stats", HttpCompletionOption.ResponseHeadersRead);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream");
        await using var stream = await response.Content.ReadAsStreamAsync();
        var text = new StringBuilder();
        var buffer = new byte[4096];
        await TestKit.Eventually.Become(
            async () =>
            {
                _ = text.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer)));
                return text.ToString().Contains("event: stats", StringComparison.Ordinal);
            },
            "the value follows the hello");
        text.ToString().ShouldEndWith("event: stats\nid: stats/e1-1\ndata: {\"stale\":false,\"a\":1}\n\n");
    }

    [Fact]
    public async Task Missed_values_are_told_as_a_gap_and_a_new_writer_as_a_reset()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        using var events = await EventReader.Open(api.Client, "/api/stream?channels=detections");
        _ = await events.Next("detections");

        api.Node["detections"].Skip(3);
        api.Node["detections"].Publish(Frames.Detections);
        var gap = (await events.Next("gap")).Json;
        gap.GetProperty("channel").GetString().ShouldBe("detections");
        gap.GetProperty("dropped").GetInt32().ShouldBe(3);
        (await events.Next("detections")).Id.ShouldBe("detections/e1-5");

        api.Node["detections"].Restart();
        api.Node["detections"].Publish(Frames.Detections);
        (await events.Next("reset")).Json.GetProperty("epoch").GetString().ShouldBe("e2");
        (await events.Next("detections")).Id.ShouldBe("detections/e2-1");
    }

    [Fact]
    public async Task A_rate_limit_thins_values_out_and_still_brings_the_newest()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        using var events = await EventReader.Open(api.Client, "/api/stream?channels=detections&max_hz=4");
        _ = await events.Next("detections");
        for (var i = 0; i < 5; i++)
        {
            api.Node["detections"].Publish(Frames.Detections);
        }

        var value = await events.Next();
        value!.Event.ShouldBe("detections", "with max_hz a client asked to miss values: no gap");
        value.Id.ShouldBe("detections/e1-6");
    }

    [Theory]
    [InlineData("/api/stream")]
    [InlineData("/api/ws")]
    public async Task A_rate_is_kept_however_fast_the_values_come(string path)
    {
        const int Hz = 20, Values = 100;
        await using var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        var begun = System.Diagnostics.Stopwatch.StartNew();
        var query = $"?channels=stats&max_hz={Hz}";
        using var events = path == "/api/stream" ? await EventReader.Open(api.Client, path + query) : null;
        using var socket = new ClientWebSocket();
        if (events is null)
        {
            await socket.ConnectAsync(new Uri($"ws://{api.Url.Authority}{path}{query}"), CancellationToken.None);
        }

        var publishing = Task.Run(async () =>
        {
            for (var i = 1; i < Values; i++)
            {
                api.Node["stats"].Publish(Frames.Stats);
                await Task.Delay(8);
            }
        });
        var (got, last) = (0, 0);
        while (last < Values)
        {
            var sequence = await Next();
            sequence.ShouldBeGreaterThan(last);
            (last, got) = (sequence, got + 1);
            // The time since before the first is never less than what the server counted by.
            got.ShouldBeLessThanOrEqualTo((int)(begun.Elapsed.TotalSeconds * Hz) + 2, "values are thinned out to the rate");
        }

        await publishing;
        got.ShouldBeInRange(2, Values - 1);

        async Task<int> Next()
        {
            if (events is not null)
            {
                return int.Parse((await events.Next("stats")).Id["stats/e1-".Length..]);
            }

            while (true)
            {
                var message = await Receive(socket);
                if (message.GetProperty("event").GetString() == "value")
                {
                    return message.GetProperty("sequence").GetInt32();
                }
            }
        }
    }

    [Fact]
    public async Task A_hundred_clients_lose_nothing_that_they_had_the_time_to_read()
    {
        const int Clients = 100, Values = 20;
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        var streams = new List<EventReader>();
        for (var i = 0; i < Clients; i++)
        {
            streams.Add(await EventReader.Open(api.Client, "/api/stream?channels=detections"));
            (await streams[i].Next("detections")).Id.ShouldBe("detections/e1-1");
        }

        for (var n = 2; n <= Values; n++)
        {
            api.Node["detections"].Publish(Frames.Detections);
            foreach (var stream in streams)
            {
                // The very next event: neither a gap, nor a value twice.
                (await stream.Next())!.Id.ShouldBe($"detections/e1-{n}");
            }
        }

        (await Metric(api, "omnisight_sse_slow_total")).ShouldBe(0);
        streams.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task Channels_that_cannot_be_watched_are_refused_by_name()
    {
        await using var api = await RunningApi.Start(n => n.Add("commands", "omnisight.command/1", delivery: Delivery.Stream));
        (await api.GetWhen("/api/stream?channels=nothing", HttpStatusCode.NotFound)).GetProperty("code").GetString().ShouldBe("unknown_channel");
        (await api.GetWhen("/api/stream?channels=commands", HttpStatusCode.UnsupportedMediaType)).GetProperty("code").GetString().ShouldBe("stream_channel");
        (await api.GetWhen("/api/stream?channels=../x", HttpStatusCode.BadRequest)).GetProperty("code").GetString().ShouldBe("bad_name");
        (await api.GetWhen("/api/stream?max_hz=0", HttpStatusCode.BadRequest)).GetProperty("code").GetString().ShouldBe("bad_value");
    }

    [Fact]
    public async Task A_socket_carries_the_same_events_as_messages()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        var rest = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{api.Url.Authority}/api/ws?channels=detections"), CancellationToken.None);
        (await Receive(socket)).GetProperty("event").GetString().ShouldBe("hello");
        var value = await Receive(socket);
        value.GetProperty("event").GetString().ShouldBe("value");
        value.GetProperty("channel").GetString().ShouldBe("detections");
        value.GetProperty("data").GetRawText().ShouldBe(rest.GetProperty("data").GetRawText());
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await TestKit.Eventually.Become(async () => (await Metric(api, "omnisight_streams{kind=\"websocket\"}")) == 0, "the session ends with its client");
    }

    [Fact]
    public async Task A_socket_path_asked_without_an_upgrade_says_what_it_wants()
    {
        await using var api = await RunningApi.Start();
        (await api.GetWhen("/api/ws", HttpStatusCode.UpgradeRequired)).GetProperty("code").GetString().ShouldBe("upgrade_required");
    }

    [Fact]
    public async Task Streams_get_a_last_event_when_the_api_stops()
    {
        var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        var streams = new List<EventReader>();
        for (var i = 0; i < 20; i++)
        {
            streams.Add(await EventReader.Open(api.Client, "/api/stream?channels=detections"));
            _ = await streams[i].Next("hello");
        }

        var stopping = api.Stop();
        foreach (var stream in streams)
        {
            (await stream.Next("end")).Json.GetProperty("reason").GetString().ShouldBe("shutdown");
            (await stream.Next()).ShouldBeNull();
            stream.Dispose();
        }

        await stopping;
        api.Client.Dispose();
        api.Node.Dispose();
    }

    private static async Task<JsonElement> Receive(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
            if (part.EndOfMessage)
            {
                return JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement.Clone();
            }
        }
    }

    private static async Task<double> Metric(RunningApi api, string name)
    {
        var text = await api.Client.GetStringAsync("/metrics");
        var line = text.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..]);
    }
}
