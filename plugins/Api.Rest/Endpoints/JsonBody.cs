using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>Reads a request body as one strict JSON object, or answers what is wrong with it, with line and column.</summary>
internal static class JsonBody
{
    /// <summary>The object; null when the request was answered.</summary>
    public static async Task<JsonDocument?> Read(HttpContext context)
    {
        var type = context.Request.ContentType;
        if (type is null || !(type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.StartsWith("application/json;", StringComparison.OrdinalIgnoreCase)))
        {
            await Reply.Error(context, StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", type is null ? "the body must be application/json, said in Content-Type" : $"the body must be application/json, not '{type}'");
            return null;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var json = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (StrictJson.Find(json.Span) is { } problem)
        {
            await Reply.Error(context, StatusCodes.Status400BadRequest, "bad_json", $"line {problem.Line}, column {problem.Column}: {problem.Message}",
                ("line", $"{problem.Line}"), ("column", $"{problem.Column}"));
            return null;
        }

        return JsonDocument.Parse(json);
    }
}
