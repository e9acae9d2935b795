using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.detections</c>, versions 1 and 2 (PROTOCOL 1.3, 1.4). Thread-safe.</summary>
[ExportMessage]
public sealed class DetectionCodec() : FrameCodec<DetectionFrame, DetectedObject>(
    "omnisight.detections", "detections", TimeSpan.FromMilliseconds(100), Layout, elementJsonBytes: 480)
{
    /// <summary>How many detections a version 1 frame holds, and a version 2 frame unless configured otherwise.</summary>
    public const int DefaultCapacity = 50;

    internal static readonly FrameLayout Layout = new(CountOffset: 24, ElementBytes: 104, FixedCapacity: DefaultCapacity);

    private static readonly JsonEncodedText Detections = JsonEncodedText.Encode("detections");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText ClassId = JsonEncodedText.Encode("class_id");
    private static readonly JsonEncodedText Class = JsonEncodedText.Encode("class");
    private static readonly JsonEncodedText Confidence = JsonEncodedText.Encode("confidence");
    private static readonly JsonEncodedText Bbox = JsonEncodedText.Encode("bbox");
    private static readonly JsonEncodedText TimestampMs = JsonEncodedText.Encode("timestamp_ms");
    private static readonly JsonEncodedText AppearanceName = JsonEncodedText.Encode("appearance");

    private protected override JsonEncodedText ElementsName => Detections;

    private protected override ulong FrameIdOf(DetectionFrame frame) => frame.FrameId;

    private protected override void SetFrameId(DetectionFrame frame, ulong frameId) => frame.FrameId = frameId;

    private protected override void WriteElement(Utf8JsonWriter writer, in DetectedObject element)
    {
        writer.WriteNumber(Id, element.Id);
        writer.WriteNumber(ClassId, (uint)element.Class);
        writer.WritePropertyName(Class);
        Names.ObjectClass.WriteValue(writer, (uint)element.Class);
        writer.WriteNumber(Confidence, element.Confidence);
        JsonFields.WriteBox(writer, Bbox, in element.Bbox);
        writer.WriteNumber(TimestampMs, element.TimestampMs);
        JsonFields.WriteAppearance(writer, AppearanceName, in element.Appearance);
    }

    private protected override void ReadElement(ref Utf8JsonReader reader, out DetectedObject element)
    {
        element = default;
        uint? classId = null;
        var className = 0u;
        while (FrameJson.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(Id.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.Id = JsonFields.ReadUInt32(ref reader);
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
            else if (reader.ValueTextEquals(TimestampMs.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                element.TimestampMs = JsonFields.ReadUInt64(ref reader);
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
    }
}
