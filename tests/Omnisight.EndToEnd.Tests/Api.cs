using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Omnisight.EndToEnd.Tests;

/// <summary>A client of the REST API. A request that takes 10 s has hung.</summary>
internal sealed class Api(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(10) };

    public HttpClient Http => _http;

    public async Task<Answer> Get(string path) => await Read(await _http.GetAsync(path, TestContext.Current.CancellationToken));

    public async Task<Answer> Post(string path, string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return await Read(await _http.SendAsync(request, TestContext.Current.CancellationToken));
    }

    /// <summary>Waits until a path answers as expected; while nobody listens, it goes on trying.</summary>
    public async Task<Answer> Until(string path, Func<Answer, bool> condition, string reason)
    {
        var last = default(Answer);
        await Eventually.Become(
            async () =>
            {
                try
                {
                    last = await Get(path);
                    return condition(last);
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            $"{path}: {reason}; the last answer was {last}");
        return last!;
    }

    public Task<Answer> UntilFresh(string path = "/api/perception/detections") =>
        Until(path, a => a.Status == HttpStatusCode.OK && !a.Data.GetProperty("stale").GetBoolean(), "fresh data");

    public void Dispose() => _http.Dispose();

    private static async Task<Answer> Read(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            using var body = JsonDocument.Parse(text);
            return new Answer(response.StatusCode, body.RootElement.Clone(), response.Headers);
        }
    }
}
