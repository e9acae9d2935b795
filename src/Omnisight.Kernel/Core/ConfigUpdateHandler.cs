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
        if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty("config"u8, out var config) || !data.EnumerateObject().All(IsKnown))
        {
            return new(CommandResult.Error("bad_value", "data must be {\"module\":NAME,\"config\":{KEY:VALUE,...}}, with \"persist\":true and \"dry_run\":true where wanted, and nothing else"));
        }

        var module = data.TryGetProperty("module"u8, out var name) ? name.GetString() : null;
        var (persist, dryRun) = (Flag(data, "persist"u8), Flag(data, "dry_run"u8));
        var result = configuration.TryUpdate(module, config, persist, dryRun: true);
        var elsewhere = Elsewhere(result);
        if (result.Accepted && elsewhere.Count > 0 && !persist)
        {
            return new(CommandResult.Error(
                "not_running_here",
                $"{string.Join(", ", elsewhere)} does not run in this process (pid {Environment.ProcessId}, which answers the commands of instance '{configuration.Instance}'); send it with \"persist\":true, then restart the process that runs it"));
        }

        result = dryRun || !result.Accepted ? result : configuration.TryUpdate(module, config, persist);
        result = result with { RestartRequired = [.. result.Changed.Where(k => result.RestartRequired.Contains(k) || elsewhere.Contains(k.Split(':')[0]))] };
        return new(result.Accepted
            ? CommandResult.Ok(Describe(result, dryRun ? "would change" : "changed"), Changes(result))
            : CommandResult.Error(Code(result), string.Join("; ", result.Errors), Errors(result)));
    }

    /// <summary>The plugins among the sections that this process does not run: nothing that it holds reaches them.</summary>
    private List<string> Elsewhere(ConfigUpdateResult result)
    {
        var chosen = configuration.ChosenPlugins;
        return [.. result.Sections.Where(s => configuration.PluginFolders.Any(f => f.Id == s) && !chosen.Contains(s))];
    }

    private static bool IsKnown(JsonProperty member) => member.Name switch
    {
        "module" => member.Value.ValueKind == JsonValueKind.String,
        "config" => member.Value.ValueKind == JsonValueKind.Object,
        "persist" or "dry_run" => member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => false,
    };

    private static bool Flag(JsonElement data, ReadOnlySpan<byte> name) => data.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;

    private static string Describe(ConfigUpdateResult result, string verb) => result.Changed.Count == 0 ? "nothing to change"
        : result.RestartRequired.Count == 0 ? $"{verb} {string.Join(", ", result.Changed)}"
        : $"{verb} {string.Join(", ", result.Changed)}; in force after a restart: {string.Join(", ", result.RestartRequired)}";

    private static string Code(ConfigUpdateResult result) => result.Code is "pinned" or "unknown_module" or "no_config_file" or "persist_failed" ? result.Code : "invalid_config";

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
