using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Envelopes;
using Omnisight.Commands;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/api/config: shown from the core's document, changed by a command to the core.</summary>
internal static class ConfigEndpoints
{
    public static void Map(Routes routes, ApiServices services)
    {
        routes.Get("/api/config", context => Show(context, services, "config", WriteValues));
        routes.Get("/api/config/schema", context => Show(context, services, "schema", WriteSchema));
        routes.Post("/api/config", context => Change(context, services), "dry_run");
    }

    private static Task Show(HttpContext context, ApiServices services, string part, Action<JsonElement, Utf8JsonWriter> write)
    {
        var seen = services.Node.Core("config");
        if (seen.Snapshot is null)
        {
            return Reply.NoData(context, "config", seen);
        }

        var stale = seen.Stale;
        return Reply.Value(context, seen, seen.Snapshot.Derived(stale ? part + ".stale" : part, s => Reply.SuccessBody(writer =>
        {
            using var document = JsonDocument.Parse(s.Data(stale));
            write(document.RootElement, writer);
        })));
    }

    private static void WriteValues(JsonElement document, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        Documents.CopyAllBut(document, writer, "schema", "epoch", "sequence", "mono_ns", "boot_id");
        writer.WriteEndObject();
    }

    private static void WriteSchema(JsonElement document, Utf8JsonWriter writer)
    {
        if (document.TryGetProperty("schema", out var schema))
        {
            schema.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static async Task Change(HttpContext context, ApiServices services)
    {
        if (await JsonBody.Read(context) is not { } body)
        {
            return;
        }

        using (body)
        {
            // Either says so, and a change is only tried out; what says neither yes nor no must not become a change.
            if (Flag(context.Request.Query["dry_run"]) is not { } inQuery || Flag(body.RootElement) is not { } inBody)
            {
                await Reply.Error(context, StatusCodes.Status400BadRequest, "bad_value", "dry_run: not true or false; nothing was changed", ("dry_run", "true or false"));
                return;
            }

            using var data = Data(body.RootElement, inQuery || inBody);
            var (ack, took) = await CommandReply.Send(context, services, "CONFIG_UPDATE", data.RootElement);
            if (ack.Success)
            {
                await Reply.Success(context, writer => CommandReply.Write(writer, ack, took));
                return;
            }

            var status = ack.Code switch
            {
                "pinned" => StatusCodes.Status409Conflict,
                CommandCodes.Unauthorized => StatusCodes.Status403Forbidden,
                CommandCodes.RateLimited => StatusCodes.Status429TooManyRequests,
                CommandCodes.TooLarge => StatusCodes.Status413PayloadTooLarge,
                CommandCodes.AckTimeout or CommandCodes.NoCore or CommandCodes.Timeout or CommandCodes.Failed => StatusCodes.Status500InternalServerError,
                _ => StatusCodes.Status400BadRequest,
            };
            await Reply.Error(context, status, ack.Code ?? "rejected", ack.Message, Errors(ack));
        }
    }

    /// <summary><c>{"module","config"}</c> as the command has it, or a partial document of sections, as the file has it.</summary>
    private static JsonDocument Data(JsonElement body, bool dryRun)
    {
        var isCommand = body.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object && body.TryGetProperty("module", out _);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, PayloadJson.WriterOptions))
        {
            writer.WriteStartObject();
            if (isCommand)
            {
                Documents.CopyAllBut(body, writer, "dry_run");
            }
            else
            {
                writer.WriteStartObject("config"u8);
                Documents.CopyAllBut(body, writer, "dry_run");
                writer.WriteEndObject();
            }

            if (dryRun)
            {
                writer.WriteBoolean("dry_run"u8, true);
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.WrittenMemory.ToArray());
    }

    private static (string, string)[] Errors(Acknowledgement ack)
    {
        if (ack.Data.ValueKind != JsonValueKind.Object || !ack.Data.TryGetProperty("errors", out var errors) || errors.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        return [.. errors.EnumerateObject().Select(e => (e.Name, e.Value.ValueKind == JsonValueKind.String ? e.Value.GetString()! : e.Value.GetRawText()))];
    }

    /// <summary>A flag of the query; null when one of its values is neither true nor false.</summary>
    private static bool? Flag(StringValues values)
    {
        var flag = false;
        foreach (var value in values)
        {
            if (value is "1" || string.Equals(value, "true", StringComparison.OrdinalIgnoreCase))
            {
                flag = true;
            }
            else if (value is not "0" && !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
        }

        return flag;
    }

    /// <summary>The same of the body.</summary>
    private static bool? Flag(JsonElement body) => !body.TryGetProperty("dry_run", out var flag) ? false
        : flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean()
        : null;
}
