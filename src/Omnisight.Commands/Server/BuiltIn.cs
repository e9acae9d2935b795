using System.Buffers;
using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>The types that the protocol itself names.</summary>
internal static class BuiltIn
{
    public const string Ping = "PING", Hello = "HELLO", RefreshTimelines = "REFRESH_TIMELINES", SyncSwarm = "SYNC_SWARM";

    /// <summary>The version of the command protocol itself, told by HELLO.</summary>
    public const int ProtocolVersion = 1;

    public static CommandResult Pong { get; } = CommandResult.Ok("pong");

    /// <summary>What HELLO answers: enough to talk to this start of the core.</summary>
    public static JsonElement Greeting(CommandServerOptions options, IEnumerable<string> commands)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("instance"u8, options.Instance);
            json.WriteNumber("epoch"u8, options.Epoch);
            json.WriteNumber("protocol"u8, ProtocolVersion);
            json.WriteNumber("max_command_bytes"u8, CommandChannels.MaxCommandBytes);
            json.WriteStartArray("commands"u8);
            foreach (var command in commands)
            {
                json.WriteStringValue(command);
            }

            json.WriteEndArray();
            options.Greeting?.Invoke(json);
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
