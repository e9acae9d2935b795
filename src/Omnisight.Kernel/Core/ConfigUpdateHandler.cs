using System.Buffers;
using System.Text.Json;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Core;

/// <summary>CONFIG_UPDATE <c>{"module","config",["persist"],["dry_run"]}</c>: changes a plugin's options as a whole, or not at all.</summary>
internal sealed class ConfigUpdateHandler(NodeConfiguration configuration) : ICommandHandler
{
    public string Type => "CONFIG_UPDATE";

    public CommandScope Scope => CommandScope.Config;

    public ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        var data = command.Data;
        if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("config"u8, out var config) || config.ValueKind != JsonValueKind.Object)
        {
            return new(CommandResult.Error("bad_value", "data must be {\"module\":NAME,\"config\":{KEY:VALUE,...}}"));
        }

        var module = data.TryGetProperty("module"u8, out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        // "dry_run":"true" must not become a change.
        if (!TryFlag(data, "dry_run"u8, out var dryRun) || !TryFlag(data, "persist"u8, out var persist))
        {
            return new(CommandResult.Error("bad_value", "dry_run and persist are true or false; nothing was changed"));
        }

        var result = configuration.TryUpdate(module, config, persist, dryRun);
        return new(result.Accepted
            ? CommandResult.Ok(Describe(result, dryRun ? "would change" : "changed"), Changes(result))
            : CommandResult.Error(Code(result), string.Join("; ", result.Errors), Errors(result)));
    }

    private static bool TryFlag(JsonElement data, ReadOnlySpan<byte> name, out bool value)
    {
        value = data.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
        return value || flag.ValueKind is JsonValueKind.Undefined or JsonValueKind.False;
    }

    private static string Describe(ConfigUpdateResult result, string verb) => result.Changed.Count == 0 ? "nothing to change"
        : result.RestartRequired.Count == 0 ? $"{verb} {string.Join(", ", result.Changed)}"
        : $"{verb} {string.Join(", ", result.Changed)}; in force after a restart: {string.Join(", ", result.RestartRequired)}";

    private static string Code(ConfigUpdateResult result) => result.Code is "pinned" or "unknown_module" ? result.Code : "invalid_config";

    private static JsonElement Changes(ConfigUpdateResult result) => Write(json =>
    {
        Array(json, "changed", result.Changed);
        Array(json, "restart_required", result.RestartRequired);
    });

    private static JsonElement Errors(ConfigUpdateResult result) => Write(json =>
    {
        json.WriteStartObject("errors"u8);
        foreach (var error in result.Errors.DistinctBy(e => e.Key))
        {
            json.WriteString(error.Key, error.Message);
        }

        json.WriteEndObject();
    });

    private static void Array(Utf8JsonWriter json, string name, IReadOnlyList<string> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }

    private static JsonElement Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
