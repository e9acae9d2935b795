using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>One predicted event in JSON.</summary>
internal static class EventJson
{
    private static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText TypeId = JsonEncodedText.Encode("type_id");
    private static readonly JsonEncodedText Severity = JsonEncodedText.Encode("severity");
    private static readonly JsonEncodedText SeverityId = JsonEncodedText.Encode("severity_id");
    private static readonly JsonEncodedText TimestampMs = JsonEncodedText.Encode("timestamp_ms");
    private static readonly JsonEncodedText Probability = JsonEncodedText.Encode("probability");
    private static readonly JsonEncodedText Location = JsonEncodedText.Encode("location");
    private static readonly JsonEncodedText Involved = JsonEncodedText.Encode("involved");
    private static readonly JsonEncodedText Description = JsonEncodedText.Encode("description");

    public static void Write(Utf8JsonWriter writer, in PredictedEvent element)
    {
        writer.WriteStartObject();
        writer.WritePropertyName(Type);
        Names.EventType.WriteValue(writer, (uint)element.Type);
        writer.WriteNumber(TypeId, (uint)element.Type);
        writer.WritePropertyName(Severity);
        Names.Severity.WriteValue(writer, (uint)element.Severity);
        writer.WriteNumber(SeverityId, (uint)element.Severity);
        writer.WriteNumber(TimestampMs, element.TimestampMs);
        writer.WriteNumber(Probability, element.Probability);
        JsonFields.WriteVector(writer, Location, element.Location);
        writer.WriteStartArray(Involved);
        foreach (var id in element.Involved)
        {
            writer.WriteNumberValue(id);
        }

        writer.WriteEndArray();
        JsonFields.WriteText(writer, Description, element.Description);
        writer.WriteEndObject();
    }

    public static void Read(ref Utf8JsonReader reader, out PredictedEvent element)
    {
        element = default;
        uint? typeId = null, severityId = null;
        uint typeName = 0, severityName = 0;
        while (FrameJson.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(Type.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                typeName = JsonFields.ReadName(ref reader, Names.EventType);
            }
            else if (reader.ValueTextEquals(TypeId.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                typeId = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(Severity.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                severityName = JsonFields.ReadName(ref reader, Names.Severity);
            }
            else if (reader.ValueTextEquals(SeverityId.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                severityId = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(TimestampMs.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.TimestampMs = JsonFields.ReadUInt64(ref reader);
            }
            else if (reader.ValueTextEquals(Probability.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.Probability = JsonFields.ReadSingle(ref reader);
            }
            else if (reader.ValueTextEquals(Location.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.Location = JsonFields.ReadVector(ref reader);
            }
            else if (reader.ValueTextEquals(Involved.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                ReadInvolved(ref reader, ref element);
            }
            else if (reader.ValueTextEquals(Description.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                JsonFields.ReadText(ref reader, element.Description);
            }
            else
            {
                reader.Skip();
            }
        }

        element.Type = (EventType)(typeId ?? typeName);
        element.Severity = (Severity)(severityId ?? severityName);
    }

    private static void ReadInvolved(ref Utf8JsonReader reader, ref PredictedEvent element)
    {
        element.InvolvedCount = 0;
        JsonFields.StartArray(ref reader);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!element.Involve(JsonFields.ReadUInt32(ref reader)))
            {
                throw new JsonException("an event involves at most 4 tracks");
            }
        }
    }
}
