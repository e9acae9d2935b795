using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Envelopes;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Telemetry;
using Omnisight.Commands;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>Sends a command to the core and gives its acknowledgement to the client.</summary>
internal static class CommandReply
{
    /// <summary>Runs a command without arguments.</summary>
    public static async Task Run(HttpContext context, ApiServices services, string type)
    {
        await Drain(context);
        var (ack, took) = await Send(context, services, type, default);
        if (ack.Success)
        {
            await Reply.Success(context, writer => Write(writer, ack, took));
            return;
        }

        var (status, code) = ack.Code switch
        {
            CommandCodes.NotEnabled => (StatusCodes.Status409Conflict, CommandCodes.NotEnabled),
            CommandCodes.AckTimeout or CommandCodes.NoCore => (StatusCodes.Status500InternalServerError, CommandCodes.AckTimeout),
            CommandCodes.RateLimited => (StatusCodes.Status429TooManyRequests, CommandCodes.RateLimited),
            _ => (StatusCodes.Status500InternalServerError, "rejected"),
        };
        if (status == StatusCodes.Status429TooManyRequests)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        await Reply.Error(context, status, code, ack.Message, (ack.Code ?? "core", ack.Message));
    }

    /// <summary>Reads a body that nobody asked for: one that is too large or too slow is refused before anything is done, also when it did not tell its length.</summary>
    public static Task Drain(HttpContext context) => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);

    /// <summary>Sends a command for the request's caller, and writes the audit line.</summary>
    public static async Task<(Acknowledgement Ack, TimeSpan Took)> Send(HttpContext context, ApiServices services, string type, JsonElement data)
    {
        var caller = Gate.CallerOf(context);
        using var activity = ApiTelemetry.Activities.StartActivity(type);
        var start = services.Context.Time.GetTimestamp();
        var ack = await services.Context.Commands.SendAsync(type, data, services.Options.Current.CommandTimeout, caller.Token, context.RequestAborted);
        var took = services.Context.Time.GetElapsedTime(start);
        _ = activity?.SetTag("omnisight.request_id", ack.RequestId).SetTag("omnisight.outcome", ack.Success ? "success" : ack.Code);
        if (!ack.Success)
        {
            services.CommandRejects.Count(ack.Code ?? "error");
        }

        services.Audit.Write(caller.Name, type, ack.Success ? "success" : ack.Code ?? "error", caller.KeyId, ack.RequestId);
        return (ack, took);
    }

    /// <summary>Writes an acknowledgement as data.</summary>
    public static void Write(Utf8JsonWriter writer, Acknowledgement ack, TimeSpan took)
    {
        writer.WriteStartObject();
        writer.WriteString("request_id"u8, ack.RequestId);
        writer.WriteString("message"u8, ack.Message);
        writer.WriteNumber("timestamp"u8, ack.TimestampMs);
        writer.WriteNumber("latency_ms"u8, Math.Round(took.TotalMilliseconds, 2));
        if (ack.Data.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("result"u8);
            ack.Data.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
