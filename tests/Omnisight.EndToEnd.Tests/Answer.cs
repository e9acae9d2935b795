using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Omnisight.EndToEnd.Tests;

/// <summary>What the API answered.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body, HttpResponseHeaders Headers)
{
    public JsonElement Data => Body.GetProperty("data");

    public string? Code => Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    public override string ToString() => $"{(int)Status} {Body.GetRawText()}";
}
