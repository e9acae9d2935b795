using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>The members that the JSON of all frames has in common.</summary>
internal static class FrameJson
{
    /// <summary>More than the members outside of the elements can take, with a transport's envelope.</summary>
    public const int HeaderBytes = 512;

    /// <summary>Frames nest 5 deep; more is not ours.</summary>
    private const int MaxDepth = 16;

    public static readonly JsonEncodedText FrameId = JsonEncodedText.Encode("frame_id");
    private static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("timestamp");
    private static readonly JsonEncodedText Frame = JsonEncodedText.Encode("frame");
    private static readonly JsonEncodedText Width = JsonEncodedText.Encode("width");
    private static readonly JsonEncodedText Height = JsonEncodedText.Encode("height");
    private static readonly JsonEncodedText CoordinateSpace = JsonEncodedText.Encode("coordinate_space");
    private static readonly JsonEncodedText Normalized = JsonEncodedText.Encode("normalized_xywh");
    private static readonly JsonEncodedText Truncated = JsonEncodedText.Encode("truncated");

    public static void WriteHeader<TElement>(Utf8JsonWriter writer, ElementFrame<TElement> frame)
        where TElement : unmanaged
    {
        writer.WriteNumber(Timestamp, frame.TimestampMs);
        writer.WriteStartObject(Frame);
        writer.WriteNumber(Width, frame.Width);
        writer.WriteNumber(Height, frame.Height);
        writer.WriteEndObject();
        writer.WriteString(CoordinateSpace, Normalized);
        if (frame.Truncated is not null || frame.LeftOut > 0)
        {
            writer.WriteNumber(Truncated, frame.AllTruncated);
        }
        else
        {
            writer.WriteNull(Truncated);
        }
    }

    public static void ClearHeader<TElement>(ElementFrame<TElement> frame)
        where TElement : unmanaged
    {
        frame.TimestampMs = 0;
        frame.Width = 0;
        frame.Height = 0;
        frame.Version = 0;
    }

    /// <summary>Starts to read: the reader stands on the object's start.</summary>
    public static Utf8JsonReader Open(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an object was expected");
        }

        return reader;
    }

    /// <summary>Goes to the next member's name; false at the object's end.</summary>
    public static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Nothing may follow the object.</summary>
    public static void End(ref Utf8JsonReader reader)
    {
        if (reader.Read())
        {
            throw new JsonException("something follows the object");
        }
    }

    /// <summary>Reads the value of a member, or skips it when it is not known.</summary>
    public static void ReadHeaderMember<TElement>(ref Utf8JsonReader reader, ElementFrame<TElement> frame)
        where TElement : unmanaged
    {
        if (reader.ValueTextEquals(Timestamp.EncodedUtf8Bytes))
        {
            _ = reader.Read();
            frame.TimestampMs = JsonFields.ReadUInt64(ref reader);
        }
        else if (reader.ValueTextEquals(Frame.EncodedUtf8Bytes))
        {
            _ = reader.Read();
            ReadImage(ref reader, frame);
        }
        else if (reader.ValueTextEquals(Truncated.EncodedUtf8Bytes))
        {
            _ = reader.Read();
            frame.Truncated = reader.TokenType == JsonTokenType.Null ? null : JsonFields.ReadUInt32(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private static void ReadImage<TElement>(ref Utf8JsonReader reader, ElementFrame<TElement> frame)
        where TElement : unmanaged
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an object was expected");
        }

        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals(Width.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                frame.Width = Pixels(ref reader);
            }
            else if (reader.ValueTextEquals(Height.EncodedUtf8Bytes))
            {
                _ = reader.Read();
                frame.Height = Pixels(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static ushort Pixels(ref Utf8JsonReader reader) =>
        JsonFields.ReadUInt32(ref reader) is var value and <= ushort.MaxValue ? (ushort)value : throw new JsonException("an image is at most 65,535 pixels wide or high");
}
