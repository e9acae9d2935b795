using System.Net;
using System.Text;
using System.Text.Json;

namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>The module under a scripted node, listening on a real socket.</summary>
internal sealed class RunningApi : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    private RunningApi(ScriptedNode node)
    {
        Node = node;
        Module = new RestModule(node);
        _run = Task.Run(() => Module.RunAsync(node, _stop.Token));
    }

    public ScriptedNode Node { get; }

    public RestModule Module { get; }

    public HttpClient Client { get; private set; } = null!;

    public Uri Url => Client.BaseAddress!;

    public IReadOnlyList<Uri> Urls { get; private set; } = [];

    /// <summary>The admin key that the first run wrote.</summary>
    public string AdminKey => File.ReadAllText(Path.Combine(Node.RuntimeDirectory, Node.Instance + "_admin_key")).Trim();

    public static async Task<RunningApi> Start(Action<ScriptedNode>? arrange = null)
    {
        var node = new ScriptedNode();
        arrange?.Invoke(node);
        var api = new RunningApi(node);
        var listening = api.Module.Listening.Task;
        if (await Task.WhenAny(listening, api._run) == api._run)
        {
            await api.Module.DisposeAsync();
            node.Dispose();
            await api._run;
        }

        api.Urls = [.. (await listening).Select(u => new Uri(u))];
        api.Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = api.Urls[0], Timeout = TimeSpan.FromSeconds(30) };
        return api;
    }

    /// <summary>Asks until the answer has the status: a frame needs a moment from the writer to the API.</summary>
    public async Task<JsonElement> GetWhen(string path, HttpStatusCode status, Func<JsonElement, bool>? condition = null)
    {
        JsonElement answer = default;
        await TestKit.Eventually.Become(
            async () =>
            {
                using var response = await Client.GetAsync(path);
                answer = await Json(response);
                return response.StatusCode == status && (condition is null || condition(answer));
            },
            $"{path} answers {(int)status}");
        return answer;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> Post(string path, string? body = null, string? key = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }

        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        using var response = await Client.SendAsync(request);
        return (response.StatusCode, await Json(response));
    }

    public static async Task<JsonElement> Json(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Stops the module and waits for its end.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await Module.DisposeAsync();
        Client.Dispose();
        _stop.Dispose();
        Node.Dispose();
    }
}
