using System.Text.Json;

namespace Omnisight;

/// <summary>Payload to bytes and back, binary and JSON. Stateless and thread-safe; allocates nothing per call in the binary form.</summary>
public interface IMessageCodec<T> : IMessageFormat
{
    /// <summary>Encodes a value. Returns the bytes written, or -1 when the destination is too small even for what the version may truncate.</summary>
    int Encode(T value, int version, Span<byte> destination);

    /// <summary>
    /// Decodes into an existing value, whose content is undefined after a rejection. Safe on any bytes: never throws, never reads outside, never allocates more than the payload's own size.
    /// </summary>
    Rejection Decode(ReadOnlySpan<byte> payload, T value);

    /// <summary>Writes the value as one JSON object.</summary>
    void WriteJson(T value, Utf8JsonWriter writer);

    /// <summary>
    /// Writes the value as one JSON object with at most so many elements: what a channel of this capacity carries. A codec without elements
    /// need not implement it.
    /// </summary>
    void WriteJson(T value, int capacity, Utf8JsonWriter writer) => WriteJson(value, writer);

    /// <summary>Decodes the JSON object that <see cref="WriteJson(T, Utf8JsonWriter)"/> writes; members it does not know are ignored. Safe on any bytes.</summary>
    Rejection ReadJson(ReadOnlySpan<byte> json, T value);
}
