using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>Reads a request body as one strict JSON object, or answers what is wrong with it, with line and column.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>The object; null when the request was answered.</summary>
    public static async Task<JsonDocument?> Read(HttpContext context)
    {
        var type = context.Request.ContentType;
        if (type is null || !(type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.StartsWith("application/json;", StringComparison.OrdinalIgnoreCase)))
        {
            await Reply.Error(context, StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", $"the body must be application/json, not '{type ?? "nothing"}'");
            return null;
        }

        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var document = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length), Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            await Reply.Error(context, StatusCodes.Status400BadRequest, "bad_json", "line 1, column 1: the body must be one JSON object");
            return null;
        }
        catch (JsonException e)
        {
            var (line, column) = ((e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1);
            await Reply.Error(context, StatusCodes.Status400BadRequest, "bad_json", $"line {line}, column {column}: {Brief(e.Message)}",
                ("line", $"{line}"), ("column", $"{column}"));
            return null;
        }
    }

    /// <summary>The serialiser's message without the position that it appends, counted from 0.</summary>
    private static string Brief(string message) => message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;
}
