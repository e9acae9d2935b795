using System.Text.Json;

namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>Server-sent events as a browser would parse them.</summary>
internal sealed class EventReader(Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream);

    public sealed record Item(string Event, string Id, string Data)
    {
        public JsonElement Json => JsonDocument.Parse(Data).RootElement;
    }

    public static async Task<EventReader> Open(HttpClient client, string path)
    {
        var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        _ = response.EnsureSuccessStatusCode();
        return new EventReader(await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; null at the end of the stream. Comments are skipped.</summary>
    public async Task<Item?> Next()
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (name, id, data) = ("message", "", "");
        while (await _reader.ReadLineAsync(watchdog.Token) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Length > 0)
                {
                    return new Item(name, id, data);
                }
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = line[6..];
            }
        }

        return null;
    }

    public async Task<Item> Next(string name)
    {
        while (await Next() is { } item)
        {
            if (item.Event == name)
            {
                return item;
            }
        }

        throw new InvalidOperationException($"the stream ended before event '{name}'");
    }

    public void Dispose() => _reader.Dispose();
}
