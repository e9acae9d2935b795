using Microsoft.Playwright;
using Omnisight.TestKit;

namespace Omnisight.Dashboard.Tests;

/// <summary>A core and an API as two processes, and a real browser. Shared by the tests of a class, which run one after the other.</summary>
public sealed class NodeFixture : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    private static readonly string[] Quiet =
        ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage"];

    private readonly TestInstance _instance = new();
    private IPlaywright? _playwright;
    private ChildProcess? _core, _api;

    public string Url { get; private set; } = "";

    public IBrowser? Browser { get; private set; }

    public ChildProcess Core => _core!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            return;
        }

        StartCore();
        await StartApi("http://127.0.0.1:0");
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = Quiet, Headless = true });
    }

    /// <summary>Skips the test where there is no browser.</summary>
    public void RequireBrowser() => Assert.SkipWhen(Browser is null, $"there is no {Chromium}; install it: apt-get install -y chromium");

    public void StartCore() => _core = Start("core");

    /// <summary>Starts the API where it listened before, or at the address given.</summary>
    public async Task StartApi(string? url = null)
    {
        _api = Start("api", "--set", "Api.Rest:Urls=" + (url ?? Url));
        Url = await Listening(_api);
    }

    public void KillApi()
    {
        _api!.Signal(ChildProcess.SigKill);
        _api.Dispose();
    }

    /// <summary>One more API, which asks for a key, and the key.</summary>
    public async Task<(ChildProcess Api, string Url, string Key)> StartLocked()
    {
        var api = Start("api", "--set", "Api.Rest:Urls=http://127.0.0.1:0", "--set", "Api.Rest:RequireKey=true");
        return (api, await Listening(api), (await File.ReadAllTextAsync(_instance.FilePath(_instance.Name + "_admin_key"))).Trim());
    }

    private static async Task<string> Listening(ChildProcess api)
    {
        var line = await api.WaitForLine("listening on http://");
        return line[line.IndexOf("http://", StringComparison.Ordinal)..].Split(';', ' ')[0];
    }

    public void KillCore()
    {
        Core.Signal(ChildProcess.SigKill);
        Core.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _api?.Dispose();
        _core?.Dispose();
        _instance.Dispose();
    }

    private ChildProcess Start(string profile, params string[] more) => ChildProcess.StartDotnet(
        TestPaths.Cli, ["run", "--profile", profile, "--instance", _instance.Name, "--set", $"RuntimeDirectory={_instance.Directory}", .. more], _instance.Directory);
}
