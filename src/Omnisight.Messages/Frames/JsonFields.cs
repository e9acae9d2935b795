using System.Buffers.Text;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Omnisight.Messages;

/// <summary>Single values of a frame's JSON, both ways. Reading throws JsonException on the wrong shape; <see cref="FrameJson"/> turns that into a rejection.</summary>
internal static class JsonFields
{
    private const int Base64Length = ((Appearance.Length + 2) / 3) * 4;

    public static void WriteBox(Utf8JsonWriter writer, JsonEncodedText name, in Box box)
    {
        writer.WriteStartArray(name);
        writer.WriteNumberValue(box.X);
        writer.WriteNumberValue(box.Y);
        writer.WriteNumberValue(box.Width);
        writer.WriteNumberValue(box.Height);
        writer.WriteEndArray();
    }

    public static void WriteVector(Utf8JsonWriter writer, JsonEncodedText name, Vector2 vector)
    {
        writer.WriteStartArray(name);
        writer.WriteNumberValue(vector.X);
        writer.WriteNumberValue(vector.Y);
        writer.WriteEndArray();
    }

    public static void WriteAppearance(Utf8JsonWriter writer, JsonEncodedText name, in Appearance appearance)
    {
        if (!appearance.IsNone)
        {
            writer.WriteBase64String(name, System.Runtime.InteropServices.MemoryMarshal.AsBytes((ReadOnlySpan<sbyte>)appearance));
        }
    }

    /// <summary>Text of a fixed field: what is not UTF-8 in it is written as U+FFFD, because JSON has no other way.</summary>
    public static void WriteText(Utf8JsonWriter writer, JsonEncodedText name, ReadOnlySpan<byte> field)
    {
        var used = FixedText.Used(field);
        if (Utf8.IsValid(used))
        {
            writer.WriteString(name, used);
        }
        else
        {
            writer.WriteString(name, Encoding.UTF8.GetString(used));
        }
    }

    public static Box ReadBox(ref Utf8JsonReader reader)
    {
        StartArray(ref reader);
        var box = new Box(NextSingle(ref reader), NextSingle(ref reader), NextSingle(ref reader), NextSingle(ref reader));
        EndArray(ref reader);
        return box;
    }

    public static Vector2 ReadVector(ref Utf8JsonReader reader)
    {
        StartArray(ref reader);
        var vector = new Vector2(NextSingle(ref reader), NextSingle(ref reader));
        EndArray(ref reader);
        return vector;
    }

    public static float ReadSingle(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out var value) ? value : throw new JsonException("a number was expected");

    public static uint ReadUInt32(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt32(out var value) ? value : throw new JsonException("an unsigned 32-bit number was expected");

    public static ulong ReadUInt64(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var value) ? value : throw new JsonException("an unsigned 64-bit number was expected");

    /// <summary>A number without a name is in <c>unknown(N)</c>; a name that nobody knows is number 0.</summary>
    public static uint ReadName(ref Utf8JsonReader reader, NameTable names)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException("a name was expected");
        }

        return names.TryParse(reader.GetString(), out _, out var number) ? number : 0;
    }

    public static void ReadAppearance(ref Utf8JsonReader reader, ref Appearance appearance)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > 6 * Base64Length)
        {
            throw new JsonException("an appearance of 64 bytes in base64 was expected");
        }

        Span<byte> text = stackalloc byte[6 * Base64Length];
        var length = reader.CopyString(text);
        Span<byte> bytes = stackalloc byte[Appearance.Length];
        _ = Base64.DecodeFromUtf8(text[..length], bytes, out var consumed, out var written);
        if (consumed != length || written != Appearance.Length)
        {
            throw new JsonException("an appearance of 64 bytes in base64 was expected");
        }

        bytes.CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes((Span<sbyte>)appearance));
    }

    public static void ReadText(ref Utf8JsonReader reader, scoped Span<byte> field)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException("a text was expected");
        }

        FixedText.Write(reader.GetString(), field);
    }

    public static void StartArray(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("an array was expected");
        }
    }

    private static float NextSingle(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        return ReadSingle(ref reader);
    }

    private static void EndArray(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        if (reader.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException("the array has too many values");
        }
    }
}
