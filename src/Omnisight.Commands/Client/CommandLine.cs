using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>Writes command lines.</summary>
public static class CommandLine
{
    /// <summary>One command as a line, without its line break.</summary>
    public static byte[] Write(Command command, string? token = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        var json = JsonLine.Begin(out var line);
        json.WriteString("type"u8, command.Type);
        json.WriteNumber("timestamp"u8, command.TimestampMs);
        json.WriteString("request_id"u8, command.RequestId);
        json.WritePropertyName("data"u8);
        if (command.Data.ValueKind == JsonValueKind.Undefined)
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }
        else
        {
            command.Data.WriteTo(json);
        }

        if (command.ReplyTo is { } replyTo)
        {
            json.WriteString("reply_to"u8, replyTo);
        }

        if (token is not null)
        {
            json.WriteString("token"u8, token);
        }

        if (command.Epoch is { } epoch)
        {
            json.WriteNumber("epoch"u8, epoch);
        }

        return line.End();
    }
}
