using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Omnisight.Dashboard.Tests;

/// <summary>One page in a context of its own, with what went wrong in it.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private const float Patience = 45_000;
    private readonly IBrowserContext _context;

    private Visit(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>Errors on the console, and exceptions that nobody caught.</summary>
    public ConcurrentQueue<string> Problems { get; } = new();

    /// <summary>Requests to anywhere but the node.</summary>
    public ConcurrentQueue<string> Foreign { get; } = new();

    public static async Task<Visit> Open(NodeFixture node, BrowserNewContextOptions? options = null, string path = "/", string? url = null)
    {
        node.RequireBrowser();
        var context = await node.Browser!.NewContextAsync(options);
        var visit = new Visit(context, await context.NewPageAsync());
        visit.Page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                visit.Problems.Enqueue(message.Text);
            }
        };
        visit.Page.PageError += (_, error) => visit.Problems.Enqueue(error);
        visit.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(node.Url, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                visit.Foreign.Enqueue(request.Url);
            }
        };
        _ = await visit.Page.GotoAsync((url ?? node.Url) + path, new() { Timeout = Patience });
        return visit;
    }

    /// <summary>Waits until the banner says so.</summary>
    public Task Expect(string state) =>
        Page.WaitForFunctionAsync($"() => window.omnisight?.state() === '{state}'", null, new() { Timeout = Patience, PollingInterval = 50 });

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
