using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Omnisight;

namespace Acme.Lidar;

/// <summary>
/// Version 1, little-endian: 0 timestamp_ms u64 | 8 beams u32 (at most 1,024) | 12 reserved u32 | 16 distances f32[beams].
/// </summary>
[ExportMessage]
public sealed class LidarCodec : IMessageCodec<LidarScan>
{
    private const int HeaderBytes = 16;
    private const int MaxJsonBytesPerBeam = 16;

    public string Name => "acme.lidar";

    public int MinVersion => 1;

    public int MaxVersion => 1;

    public Type PayloadType => typeof(LidarScan);

    public ChannelSpec DefaultChannel { get; } = new()
    {
        Name = ChannelName.Parse("lidar"),
        MessageId = "acme.lidar/1",
        Period = TimeSpan.FromMilliseconds(100),
        Capacity = LidarScan.MaxBeams,
        MaxPayloadBytes = HeaderBytes + (LidarScan.MaxBeams * sizeof(float)),
    };

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) =>
        encoding == PayloadEncoding.Json ? 64 + (capacity * MaxJsonBytesPerBeam) : HeaderBytes + (capacity * sizeof(float));

    public int Encode(LidarScan value, int version, Span<byte> destination)
    {
        var bytes = HeaderBytes + (value.Beams * sizeof(float));
        if (destination.Length < bytes)
        {
            return -1;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(destination, value.TimestampMs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], (uint)value.Beams);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], 0);
        MemoryMarshal.AsBytes(value.Distances).CopyTo(destination[HeaderBytes..]);
        return bytes;
    }

    public Rejection Decode(ReadOnlySpan<byte> payload, LidarScan value)
    {
        if (payload.Length < HeaderBytes)
        {
            return new(RejectReason.Truncated, (ulong)payload.Length, HeaderBytes);
        }

        // Once, into a local: in map mode the bytes may change while they are read.
        var beams = BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]);
        if (beams > LidarScan.MaxBeams || payload.Length < HeaderBytes + (beams * sizeof(float)))
        {
            return new(RejectReason.Count, beams, LidarScan.MaxBeams);
        }

        value.TimestampMs = BinaryPrimitives.ReadUInt64LittleEndian(payload);
        value.Beams = (int)beams;
        payload.Slice(HeaderBytes, (int)beams * sizeof(float)).CopyTo(MemoryMarshal.AsBytes(value.Distances));
        foreach (var distance in value.Distances)
        {
            if (!float.IsFinite(distance))
            {
                return new(RejectReason.Value);
            }
        }

        return Rejection.None;
    }

    public void WriteJson(LidarScan value, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("timestamp", value.TimestampMs);
        writer.WriteNumber("beams", value.Beams);
        writer.WriteStartArray("distances");
        foreach (var distance in value.Distances)
        {
            writer.WriteNumberValue(distance);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public Rejection ReadJson(ReadOnlySpan<byte> json, LidarScan value)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("timestamp"u8, out var timestamp) || !timestamp.TryGetUInt64(out var ms)
                || !root.TryGetProperty("distances"u8, out var distances) || distances.ValueKind != JsonValueKind.Array)
            {
                return new(RejectReason.BadJson);
            }

            var beams = distances.GetArrayLength();
            if (beams > LidarScan.MaxBeams)
            {
                return new(RejectReason.Count, (ulong)beams, LidarScan.MaxBeams);
            }

            (value.TimestampMs, value.Beams) = (ms, beams);
            for (var i = 0; i < beams; i++)
            {
                if (!distances[i].TryGetSingle(out value.Distances[i]))
                {
                    return new(RejectReason.Value);
                }
            }

            return Rejection.None;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new(RejectReason.BadJson);
        }
    }

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer)
    {
        var value = new LidarScan();
        var rejection = encoding == PayloadEncoding.Json ? ReadJson(payload, value) : Decode(payload, value);
        if (rejection.IsNone)
        {
            WriteJson(value, writer);
        }

        return rejection;
    }
}
