using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Omnisight.Messages.Tests;

/// <summary>Payloads as byte arrays and JSON text.</summary>
internal static class Payloads
{
    public static byte[] Encode<T>(this IMessageCodec<T> codec, T value, int version, int capacity)
    {
        var buffer = new byte[codec.MaxBytes(version, capacity, PayloadEncoding.Binary)];
        Random.Shared.NextBytes(buffer);
        var length = codec.Encode(value, version, buffer);
        length.ShouldBeGreaterThan(0);
        return buffer[..length];
    }

    public static byte[] ToJson<T>(this IMessageCodec<T> codec, T value, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented }))
        {
            codec.WriteJson(value, writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>As on a channel of this capacity.</summary>
    public static byte[] ToJson<T>(this IMessageCodec<T> codec, T value, int capacity)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            codec.WriteJson(value, capacity, writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static string Text(this byte[] utf8) => System.Text.Encoding.UTF8.GetString(utf8);

    public static byte[] Utf8(this string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
