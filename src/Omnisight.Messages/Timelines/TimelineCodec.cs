using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.timelines</c>, versions 1 and 2 (PROTOCOL 1.3, 1.4). Thread-safe.</summary>
[ExportMessage]
public sealed class TimelineCodec() : FrameCodec<TimelineFrame, TimelineSnapshot>(
    "omnisight.timelines", "timelines", TimeSpan.FromSeconds(1), Layout, elementJsonBytes: 30_000)
{
    /// <summary>How many timelines a version 1 frame holds, and a version 2 frame unless configured otherwise.</summary>
    public const int DefaultCapacity = 5;

    internal static readonly FrameLayout Layout = new(CountOffset: 16, ElementBytes: 3960, FixedCapacity: DefaultCapacity);

    private static readonly JsonEncodedText Timelines = JsonEncodedText.Encode("timelines");
    private static readonly JsonEncodedText TimelineId = JsonEncodedText.Encode("timeline_id");
    private static readonly JsonEncodedText OverallProbability = JsonEncodedText.Encode("overall_probability");
    private static readonly JsonEncodedText PredictionStartMs = JsonEncodedText.Encode("prediction_start_ms");
    private static readonly JsonEncodedText PredictionEndMs = JsonEncodedText.Encode("prediction_end_ms");
    private static readonly JsonEncodedText WorstCaseSeverity = JsonEncodedText.Encode("worst_case_severity");
    private static readonly JsonEncodedText WorstCaseSeverityId = JsonEncodedText.Encode("worst_case_severity_id");
    private static readonly JsonEncodedText TotalThreatScore = JsonEncodedText.Encode("total_threat_score");
    private static readonly JsonEncodedText Events = JsonEncodedText.Encode("events");
    private static readonly JsonEncodedText Interventions = JsonEncodedText.Encode("interventions");

    private protected override JsonEncodedText ElementsName => Timelines;

    private protected override void WriteElement(Utf8JsonWriter writer, in TimelineSnapshot element)
    {
        writer.WriteNumber(TimelineId, element.TimelineId);
        writer.WriteNumber(OverallProbability, element.OverallProbability);
        writer.WriteNumber(PredictionStartMs, element.PredictionStartMs);
        writer.WriteNumber(PredictionEndMs, element.PredictionEndMs);
        writer.WritePropertyName(WorstCaseSeverity);
        Names.Severity.WriteValue(writer, (uint)element.WorstCaseSeverity);
        writer.WriteNumber(WorstCaseSeverityId, (uint)element.WorstCaseSeverity);
        writer.WriteNumber(TotalThreatScore, element.TotalThreatScore);
        writer.WriteStartArray(Events);
        foreach (ref readonly var predicted in ((ReadOnlySpan<PredictedEvent>)element.EventSlots)[..(int)element.EventCount])
        {
            EventJson.Write(writer, in predicted);
        }

        writer.WriteEndArray();
        writer.WriteStartArray(Interventions);
        foreach (ref readonly var point in ((ReadOnlySpan<InterventionPoint>)element.InterventionSlots)[..(int)element.InterventionCount])
        {
            InterventionJson.Write(writer, in point);
        }

        writer.WriteEndArray();
    }

    private protected override void ReadElement(ref Utf8JsonReader reader, out TimelineSnapshot element)
    {
        element = default;
        uint? severityId = null;
        var severityName = 0u;
        while (FrameJson.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(TimelineId.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.TimelineId = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(OverallProbability.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.OverallProbability = JsonFields.ReadSingle(ref reader);
            }
            else if (reader.ValueTextEquals(PredictionStartMs.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.PredictionStartMs = JsonFields.ReadUInt64(ref reader);
            }
            else if (reader.ValueTextEquals(PredictionEndMs.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.PredictionEndMs = JsonFields.ReadUInt64(ref reader);
            }
            else if (reader.ValueTextEquals(WorstCaseSeverity.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                severityName = JsonFields.ReadName(ref reader, Names.Severity);
            }
            else if (reader.ValueTextEquals(WorstCaseSeverityId.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                severityId = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(TotalThreatScore.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.TotalThreatScore = JsonFields.ReadSingle(ref reader);
            }
            else if (reader.ValueTextEquals(Events.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                ReadEvents(ref reader, ref element);
            }
            else if (reader.ValueTextEquals(Interventions.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                ReadInterventions(ref reader, ref element);
            }
            else
            {
                reader.Skip();
            }
        }

        element.WorstCaseSeverity = (Severity)(severityId ?? severityName);
    }

    private static void ReadEvents(ref Utf8JsonReader reader, ref TimelineSnapshot element)
    {
        element.EventCount = 0;
        JsonFields.StartArray(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            EventJson.Read(ref reader, out var predicted);
            if (!element.Add(in predicted))
            {
                throw new JsonException("a timeline holds at most 20 events");
            }
        }
    }

    private static void ReadInterventions(ref Utf8JsonReader reader, ref TimelineSnapshot element)
    {
        element.InterventionCount = 0;
        JsonFields.StartArray(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            InterventionJson.Read(ref reader, out var point);
            if (!element.Add(in point))
            {
                throw new JsonException("a timeline holds at most 10 interventions");
            }
        }
    }
}
