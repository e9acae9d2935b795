using System.Numerics;
using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.tracks</c>, versions 1 and 2 (PROTOCOL 1.3, 1.4). Thread-safe.</summary>
[ExportMessage]
public sealed class TrackCodec() : FrameCodec<TrackFrame, TrackedObject>(
    "omnisight.tracks", "tracks", TimeSpan.FromMilliseconds(100), Layout, elementJsonBytes: 1400)
{
    /// <summary>How many tracks a version 1 frame holds, and a version 2 frame unless configured otherwise.</summary>
    public const int DefaultCapacity = 50;

    internal static readonly FrameLayout Layout = new(CountOffset: 16, ElementBytes: 160, FixedCapacity: DefaultCapacity);

    private static readonly JsonEncodedText Tracks = JsonEncodedText.Encode("tracks");
    private static readonly JsonEncodedText TrackId = JsonEncodedText.Encode("track_id");
    private static readonly JsonEncodedText ClassId = JsonEncodedText.Encode("class_id");
    private static readonly JsonEncodedText Class = JsonEncodedText.Encode("class");
    private static readonly JsonEncodedText Confidence = JsonEncodedText.Encode("confidence");
    private static readonly JsonEncodedText Bbox = JsonEncodedText.Encode("bbox");
    private static readonly JsonEncodedText PredictedBbox = JsonEncodedText.Encode("predicted_bbox");
    private static readonly JsonEncodedText Velocity = JsonEncodedText.Encode("velocity");
    private static readonly JsonEncodedText FrameCount = JsonEncodedText.Encode("frame_count");
    private static readonly JsonEncodedText MissCount = JsonEncodedText.Encode("miss_count");
    private static readonly JsonEncodedText BehaviorNames = JsonEncodedText.Encode("behaviors");
    private static readonly JsonEncodedText BehaviorFlags = JsonEncodedText.Encode("behavior_flags");
    private static readonly JsonEncodedText ThreatScore = JsonEncodedText.Encode("threat_score");
    private static readonly JsonEncodedText FirstSeenMs = JsonEncodedText.Encode("first_seen_ms");
    private static readonly JsonEncodedText LastSeenMs = JsonEncodedText.Encode("last_seen_ms");
    private static readonly JsonEncodedText World = JsonEncodedText.Encode("world");
    private static readonly JsonEncodedText AppearanceName = JsonEncodedText.Encode("appearance");

    private protected override JsonEncodedText ElementsName => Tracks;

    private protected override void WriteElement(Utf8JsonWriter writer, in TrackedObject element)
    {
        writer.WriteNumber(TrackId, element.TrackId);
        writer.WriteNumber(ClassId, (uint)element.Class);
        writer.WritePropertyName(Class);
        Names.ObjectClass.WriteValue(writer, (uint)element.Class);
        writer.WriteNumber(Confidence, element.Confidence);
        JsonFields.WriteBox(writer, Bbox, in element.Bbox);
        JsonFields.WriteBox(writer, PredictedBbox, in element.PredictedBbox);
        JsonFields.WriteVector(writer, Velocity, element.Velocity);
        writer.WriteNumber(FrameCount, element.FrameCount);
        writer.WriteNumber(MissCount, element.MissCount);
        WriteBehaviors(writer, (uint)element.Behaviors);
        writer.WriteNumber(BehaviorFlags, (uint)element.Behaviors);
        writer.WriteNumber(ThreatScore, element.ThreatScore);
        writer.WriteNumber(FirstSeenMs, element.FirstSeenMs);
        writer.WriteNumber(LastSeenMs, element.LastSeenMs);
        if (float.IsNaN(element.World.X) || float.IsNaN(element.World.Y))
        {
            writer.WriteNull(World);
        }
        else
        {
            JsonFields.WriteVector(writer, World, element.World);
        }

        JsonFields.WriteAppearance(writer, AppearanceName, in element.Appearance);
    }

    private protected override void ReadElement(ref Utf8JsonReader reader, out TrackedObject element)
    {
        element = default;
        element.World = TrackedObject.UnknownWorld;
        uint? classId = null, flags = null;
        uint className = 0, behaviors = 0;
        while (FrameJson.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(TrackId.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.TrackId = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(ClassId.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                classId = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(Class.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                className = JsonFields.ReadName(ref reader, Names.ObjectClass);
            }
            else if (reader.ValueTextEquals(Confidence.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.Confidence = JsonFields.ReadSingle(ref reader);
            }
            else if (reader.ValueTextEquals(Bbox.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.Bbox = JsonFields.ReadBox(ref reader);
            }
            else if (reader.ValueTextEquals(PredictedBbox.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.PredictedBbox = JsonFields.ReadBox(ref reader);
            }
            else if (reader.ValueTextEquals(Velocity.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.Velocity = JsonFields.ReadVector(ref reader);
            }
            else if (reader.ValueTextEquals(FrameCount.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.FrameCount = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(MissCount.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.MissCount = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(BehaviorNames.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                behaviors = ReadBehaviors(ref reader);
            }
            else if (reader.ValueTextEquals(BehaviorFlags.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                flags = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals(ThreatScore.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.ThreatScore = JsonFields.ReadSingle(ref reader);
            }
            else if (reader.ValueTextEquals(FirstSeenMs.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.FirstSeenMs = JsonFields.ReadUInt64(ref reader);
            }
            else if (reader.ValueTextEquals(LastSeenMs.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.LastSeenMs = JsonFields.ReadUInt64(ref reader);
            }
            else if (reader.ValueTextEquals(World.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.World = reader.TokenType == JsonTokenType.Null ? TrackedObject.UnknownWorld : JsonFields.ReadVector(ref reader);
            }
            else if (reader.ValueTextEquals(AppearanceName.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                JsonFields.ReadAppearance(ref reader, ref element.Appearance);
            }
            else
            {
                reader.Skip();
            }
        }

        element.Class = (ObjectClass)(classId ?? className);
        element.Behaviors = (Behaviors)(flags ?? behaviors);
    }

    private static void WriteBehaviors(Utf8JsonWriter writer, uint flags)
    {
        writer.WriteStartArray(BehaviorNames);
        for (; flags != 0; flags &= flags - 1)
        {
            var bit = BitOperations.TrailingZeroCount(flags);
            Names.Behaviors.WriteValue(writer, bit < Names.Behaviors.Count ? bit : -1, 1u << bit);
        }

        writer.WriteEndArray();
    }

    private static uint ReadBehaviors(ref Utf8JsonReader reader)
    {
        JsonFields.StartArray(ref reader);
        var flags = 0u;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new JsonException("a name was expected");
            }

            if (Names.Behaviors.TryParse(reader.GetString(), out var index, out var bit))
            {
                flags |= index >= 0 ? 1u << index : bit;
            }
        }

        return flags;
    }
}
