using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>The acknowledgement line: one JSON object, written by the core and read by clients.</summary>
public static class AcknowledgementFormat
{
    /// <summary>Writes an acknowledgement as one line, without its line break.</summary>
    public static byte[] Write(Acknowledgement acknowledgement)
    {
        ArgumentNullException.ThrowIfNull(acknowledgement);
        var json = JsonLine.Begin(out var line);
        json.WriteString("request_id"u8, acknowledgement.RequestId);
        json.WriteString("status"u8, acknowledgement.Success ? "success"u8 : "error"u8);
        json.WriteNumber("timestamp"u8, acknowledgement.TimestampMs);
        json.WriteString("message"u8, acknowledgement.Message);
        if (acknowledgement.Code is { } code)
        {
            json.WriteString("code"u8, code);
        }

        if (acknowledgement.Data.ValueKind != JsonValueKind.Undefined)
        {
            json.WritePropertyName("data"u8);
            acknowledgement.Data.WriteTo(json);
        }

        return line.End();
    }

    /// <summary>Reads a line; false when it is not an acknowledgement. Members it does not know are ignored: a newer core may add some.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, [NotNullWhen(true)] out Acknowledgement? acknowledgement)
    {
        acknowledgement = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            string? id = null, message = null, code = null, status = null;
            var timestamp = 0L;
            var data = default(JsonElement);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("request_id"u8)) id = ReadString(ref reader);
                else if (reader.ValueTextEquals("status"u8)) status = ReadString(ref reader);
                else if (reader.ValueTextEquals("message"u8)) message = ReadString(ref reader);
                else if (reader.ValueTextEquals("code"u8)) code = ReadString(ref reader);
                else if (reader.ValueTextEquals("timestamp"u8) && reader.Read() && reader.TokenType == JsonTokenType.Number) _ = reader.TryGetInt64(out timestamp);
                else if (reader.ValueTextEquals("data"u8)) data = JsonElement.ParseValue(ref reader);
                else reader.Skip();
            }

            if (id is null || status is not ("success" or "error"))
            {
                return false;
            }

            acknowledgement = new Acknowledgement
            {
                RequestId = id,
                Success = status == "success",
                Message = message ?? "",
                Code = code,
                TimestampMs = timestamp,
                Data = data,
            };
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text in the JSON that is not valid UTF-8.
            return false;
        }
    }

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }
}
