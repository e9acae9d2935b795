using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>An image in JSON.</summary>
internal static class VideoJson
{
    private static readonly NameTable Formats = new("none", "bgr24", "rgb24", "gray8", "nv12", "jpeg");

    public static void Write(Utf8JsonWriter writer, in VideoHeader header, ReadOnlySpan<byte> data, bool withData)
    {
        writer.WriteStartObject();
        writer.WriteNumber("frame_id"u8, header.FrameId);
        writer.WriteNumber("timestamp"u8, header.TimestampMs);
        writer.WriteStartObject("frame"u8);
        writer.WriteNumber("width"u8, header.Width);
        writer.WriteNumber("height"u8, header.Height);
        writer.WriteEndObject();
        writer.WriteNumber("stride"u8, header.Stride);
        writer.WritePropertyName("format"u8);
        Formats.WriteValue(writer, (uint)header.Format);
        writer.WriteNumber("format_id"u8, (uint)header.Format);
        writer.WriteBoolean("checksummed"u8, (header.Flags & VideoFlags.NoChecksum) == 0);
        writer.WriteNumber("data_bytes"u8, header.DataBytes);
        if (withData)
        {
            writer.WriteBase64String("data"u8, data);
        }
        else
        {
            writer.WriteNull("data"u8);
        }

        writer.WriteEndObject();
    }

    public static Rejection Read(ReadOnlySpan<byte> json, VideoFrame frame)
    {
        var reader = FrameJson.Open(json);
        var header = default(VideoHeader);
        header.Flags = VideoFlags.NoChecksum;
        byte[]? data = null;
        while (FrameJson.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("data"u8))
            {
                _ = reader.Read();
                data = reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes) ? bytes : null;
            }
            else
            {
                ReadMember(ref reader, ref header);
            }
        }

        FrameJson.End(ref reader);
        if (data is null)
        {
            return new(RejectReason.BadJson);
        }

        header.DataBytes = (uint)data.Length;
        var rejection = header.CheckSizes();
        if (rejection.IsNone)
        {
            frame.Header = header;
            data.CopyTo(frame.Resize(data.Length));
        }

        return rejection;
    }

    private static void ReadMember(ref Utf8JsonReader reader, ref VideoHeader header)
    {
        if (reader.ValueTextEquals("frame_id"u8))
        {
            _ = reader.Read();
            header.FrameId = JsonFields.ReadUInt64(ref reader);
        }
        else if (reader.ValueTextEquals("timestamp"u8))
        {
            _ = reader.Read();
            header.TimestampMs = JsonFields.ReadUInt64(ref reader);
        }
        else if (reader.ValueTextEquals("frame"u8))
        {
            _ = reader.Read();
            ReadSize(ref reader, ref header);
        }
        else if (reader.ValueTextEquals("stride"u8))
        {
            _ = reader.Read();
            header.Stride = JsonFields.ReadUInt32(ref reader);
        }
        else if (reader.ValueTextEquals("format_id"u8))
        {
            _ = reader.Read();
            header.Format = (PixelFormat)JsonFields.ReadUInt32(ref reader);
        }
        else if (reader.ValueTextEquals("checksummed"u8))
        {
            _ = reader.Read();
            header.Flags = reader.TokenType == JsonTokenType.True ? VideoFlags.None : VideoFlags.NoChecksum;
        }
        else
        {
            reader.Skip();
        }
    }

    private static void ReadSize(ref Utf8JsonReader reader, ref VideoHeader header)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an object was expected");
        }

        while (FrameJson.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("width"u8))
            {
                _ = reader.Read();
                header.Width = JsonFields.ReadUInt32(ref reader);
            }
            else if (reader.ValueTextEquals("height"u8))
            {
                _ = reader.Read();
                header.Height = JsonFields.ReadUInt32(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
