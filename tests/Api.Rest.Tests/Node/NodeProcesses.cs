using System.Net;
using System.Text.Json;
using Omnisight.TestKit;

namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>Real processes of one instance: a core, an API, or both in one.</summary>
internal sealed class NodeProcesses : IDisposable
{
    private readonly TestInstance _instance = new();
    private readonly List<ChildProcess> _all = [];

    public HttpClient Client { get; private set; } = null!;

    public Uri Url => Client.BaseAddress!;

    public string Region(string channel) => _instance.Region(channel);

    public ChildProcess StartCore() => Start("core");

    /// <summary>Starts a profile that has the API, and waits until it listens.</summary>
    public async Task<ChildProcess> StartApi(string profile, params string[] more)
    {
        var process = Start(profile, ["--set", "Api.Rest:Urls=http://127.0.0.1:0", .. more]);
        var line = await process.WaitForLine("listening on http://");
        Client = new HttpClient { BaseAddress = new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..].Split(';', ',', ' ')[0]) };
        return process;
    }

    public async Task<JsonElement> GetWhen(string path, HttpStatusCode status, Func<JsonElement, bool>? condition = null)
    {
        JsonElement answer = default;
        await Eventually.Become(
            async () =>
            {
                using var response = await Client.GetAsync(path);
                answer = await RunningApi.Json(response);
                return response.StatusCode == status && (condition is null || condition(answer));
            },
            $"{path} answers {(int)status}", TimeSpan.FromSeconds(60));
        return answer;
    }

    public void Dispose()
    {
        Client?.Dispose();
        _all.ForEach(p => p.Dispose());
        _instance.Dispose();
    }

    public ChildProcess Start(string profile, params string[] more)
    {
        var process = ChildProcess.StartDotnet(
            TestPaths.Cli, ["run", "--profile", profile, "--instance", _instance.Name, "--set", $"RuntimeDirectory={_instance.Directory}", .. more], _instance.Directory);
        _all.Add(process);
        return process;
    }
}
