using System.Buffers.Binary;
using System.Text.Json;
using Omnisight;

namespace Acme.Gizmo;

/// <summary>
/// Version 1, little-endian: 0 timestamp_ms u64 | 8 temperature f32 | 12 humidity f32.
/// </summary>
[ExportMessage]
public sealed class GizmoCodec : IMessageCodec<GizmoReading>
{
    private const int Bytes = 16;
    private const int MaxJsonBytes = 256;

    public string Name => "acme.gizmo";

    public int MinVersion => 1;

    public int MaxVersion => 1;

    public Type PayloadType => typeof(GizmoReading);

    public ChannelSpec DefaultChannel { get; } = new()
    {
        Name = ChannelName.Parse("gizmo"),
        MessageId = "acme.gizmo/1",
        Period = TimeSpan.FromSeconds(1),
        Capacity = 1,
        MaxPayloadBytes = MaxJsonBytes,
    };

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => encoding == PayloadEncoding.Json ? MaxJsonBytes : Bytes;

    public int Encode(GizmoReading value, int version, Span<byte> destination)
    {
        if (destination.Length < Bytes)
        {
            return -1;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(destination, value.TimestampMs);
        BinaryPrimitives.WriteSingleLittleEndian(destination[8..], value.Temperature);
        BinaryPrimitives.WriteSingleLittleEndian(destination[12..], value.Humidity);
        return Bytes;
    }

    public Rejection Decode(ReadOnlySpan<byte> payload, GizmoReading value)
    {
        if (payload.Length < Bytes)
        {
            return new(RejectReason.Truncated, (ulong)payload.Length, Bytes);
        }

        // Each field once, into a local: the bytes may change while they are read.
        var temperature = BinaryPrimitives.ReadSingleLittleEndian(payload[8..]);
        var humidity = BinaryPrimitives.ReadSingleLittleEndian(payload[12..]);
        if (!float.IsFinite(temperature) || !float.IsFinite(humidity))
        {
            return new(RejectReason.Value);
        }

        value.TimestampMs = BinaryPrimitives.ReadUInt64LittleEndian(payload);
        value.Temperature = temperature;
        value.Humidity = humidity;
        return Rejection.None;
    }

    public void WriteJson(GizmoReading value, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("timestamp", value.TimestampMs);
        writer.WriteNumber("temperature", value.Temperature);
        writer.WriteNumber("humidity", value.Humidity);
        writer.WriteEndObject();
    }

    public Rejection ReadJson(ReadOnlySpan<byte> json, GizmoReading value)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("timestamp"u8, out var timestamp) || !timestamp.TryGetUInt64(out var ms)
                || !root.TryGetProperty("temperature"u8, out var temperature) || !temperature.TryGetSingle(out var degrees)
                || !root.TryGetProperty("humidity"u8, out var humidity) || !humidity.TryGetSingle(out var share))
            {
                return new(RejectReason.BadJson);
            }

            (value.TimestampMs, value.Temperature, value.Humidity) = (ms, degrees, share);
            return Rejection.None;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new(RejectReason.BadJson);
        }
    }

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer)
    {
        var value = new GizmoReading();
        var rejection = encoding == PayloadEncoding.Json ? ReadJson(payload, value) : Decode(payload, value);
        if (rejection.IsNone)
        {
            WriteJson(value, writer);
        }

        return rejection;
    }
}
