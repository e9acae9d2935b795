using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Omnisight.Api.Rest.Channels;

namespace Omnisight.Api.Rest.Envelopes;

/// <summary>Writes the two envelopes: {"status":"success","data":...} and {"status":"error","message","code"[,"errors"]}.</summary>
internal static class Reply
{
    public const string AgeHeader = "Omnisight-Age-Ms";
    private static readonly object CodeKey = new();
    private static readonly StringValues Json = "application/json; charset=utf-8";
    private static readonly StringValues NoCache = "no-cache";
    private static readonly StringValues NoStore = "no-store";
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues OneSecond = "1";

    /// <summary>Sends a channel's value, or 304 when the client has it.</summary>
    public static Task Value(HttpContext context, in Availability seen, byte[] body)
    {
        var response = context.Response;
        var headers = response.Headers;
        var snapshot = seen.Snapshot!;
        var tag = seen.Stale ? snapshot.StaleTag : snapshot.FreshTag;
        headers.ETag = tag;
        headers.CacheControl = NoCache;
        headers[AgeHeader] = AgeText.Of(seen.Age);
        if (EntityTags.Match(context.Request.Headers.IfNoneMatch, tag.ToString()))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return Send(context, body);
    }

    /// <summary>Sends a success with data written by the caller.</summary>
    public static Task Success(HttpContext context, Action<Utf8JsonWriter> data, int statusCode = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = statusCode;
        context.Response.Headers.CacheControl = NoStore;
        return Send(context, SuccessBody(data));
    }

    /// <summary>The bytes of a success.</summary>
    public static byte[] SuccessBody(Action<Utf8JsonWriter> data)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, PayloadJson.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("status"u8, "success"u8);
        writer.WritePropertyName("data"u8);
        data(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Sends 503 "No data" with the reason under the channel's name.</summary>
    public static Task NoData(HttpContext context, string channel, in Availability seen)
    {
        context.Response.Headers.RetryAfter = OneSecond;
        return Error(context, StatusCodes.Status503ServiceUnavailable, seen.Code!, "No data", (channel, seen.Reason!));
    }

    /// <summary>Sends an error. <paramref name="errors"/> name what is wrong, item by item.</summary>
    public static Task Error(HttpContext context, int statusCode, string code, string message, params ReadOnlySpan<(string Name, string Message)> errors)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, PayloadJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("status"u8, "error"u8);
            writer.WriteString("message"u8, message);
            writer.WriteString("code"u8, code);
            if (errors.Length > 0)
            {
                writer.WriteStartObject("errors"u8);
                foreach (var (name, text) in errors)
                {
                    writer.WriteString(name, text);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        context.Items[CodeKey] = code;
        context.Response.StatusCode = statusCode;
        context.Response.Headers.CacheControl = NoStore;
        return Send(context, buffer.WrittenSpan.ToArray());
    }

    /// <summary>The code of the error that was sent; null = none was.</summary>
    public static string? CodeOf(HttpContext context) => context.Items.TryGetValue(CodeKey, out var code) ? code as string : null;

    /// <summary>Sends bytes of JSON with the status code that is set.</summary>
    public static Task Send(HttpContext context, byte[] body)
    {
        var response = context.Response;
        response.Headers.ContentType = Json;
        // Data and errors repeat what others sent.
        response.Headers.XContentTypeOptions = NoSniff;
        response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        var write = response.BodyWriter.WriteAsync(body);
        if (write.IsCompletedSuccessfully)
        {
            _ = write.GetAwaiter().GetResult();
            return Task.CompletedTask;
        }

        return write.AsTask();
    }
}
