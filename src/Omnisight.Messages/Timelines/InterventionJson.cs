using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>One possible intervention in JSON.</summary>
internal static class InterventionJson
{
    private static readonly JsonEncodedText TimestampMs = JsonEncodedText.Encode("timestamp_ms");
    private static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText TypeId = JsonEncodedText.Encode("type_id");
    private static readonly JsonEncodedText Effectiveness = JsonEncodedText.Encode("effectiveness");
    private static readonly JsonEncodedText Cost = JsonEncodedText.Encode("cost");
    private static readonly JsonEncodedText EventIndex = JsonEncodedText.Encode("event_index");
    private static readonly JsonEncodedText Recommendation = JsonEncodedText.Encode("recommendation");

    public static void Write(Utf8JsonWriter writer, in InterventionPoint element)
    {
        writer.WriteStartObject();
        writer.WriteNumber(TimestampMs, element.TimestampMs);
        writer.WritePropertyName(Type);
        Names.InterventionType.WriteValue(writer, (uint)element.Type);
        writer.WriteNumber(TypeId, (uint)element.Type);
        writer.WriteNumber(Effectiveness, element.Effectiveness);
        writer.WriteNumber(Cost, element.Cost);
        if (element.EventIndex == InterventionPoint.NoEvent)
        {
            writer.WriteNull(EventIndex);
        }
        else
        {
            writer.WriteNumber(EventIndex, element.EventIndex);
        }

        JsonFields.WriteText(writer, Recommendation, element.Recommendation);
        writer.WriteEndObject();
    }

    public static void Read(ref Utf8JsonReader reader, out InterventionPoint element)
    {
        element = default;
        element.EventIndex = InterventionPoint.NoEvent;
        uint? typeId = null;
        var typeName = 0u;
        while (FrameJson.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(TimestampMs.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.TimestampMs = JsonFields.ReadUInt64(ref reader);
            }
            else if (reader.ValueTextEquals(Type.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                typeName = JsonFields.ReadName(ref reader, Names.InterventionType);
            }
            else if (reader.ValueTextEquals(TypeId.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                typeId = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(Effectiveness.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.Effectiveness = JsonFields.ReadSingle(ref reader);
            }
            else if (reader.ValueTextEquals(Cost.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.Cost = JsonFields.ReadSingle(ref reader);
            }
            else if (reader.ValueTextEquals(EventIndex.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.EventIndex = reader.TokenType == JsonTokenType.Null ? InterventionPoint.NoEvent : JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(Recommendation.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                JsonFields.ReadText(ref reader, element.Recommendation);
            }
            else
            {
                reader.Skip();
            }
        }

        element.Type = (InterventionType)(typeId ?? typeName);
    }
}
