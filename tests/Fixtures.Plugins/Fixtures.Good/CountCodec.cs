using System.Buffers.Binary;
using System.Text.Json;
using Omnisight;

namespace Fixtures.Good;

/// <summary>Sixteen bytes: the count and its complement, so that a torn one shows.</summary>
[ExportMessage]
public sealed class CountCodec : IMessageCodec<Count>
{
    private const int Size = 16;

    public string Name => "fixture.count";

    public int MinVersion => 1;

    public int MaxVersion => 1;

    public Type PayloadType => typeof(Count);

    public ChannelSpec DefaultChannel { get; } = new()
    {
        Name = ChannelName.Parse("fixture-count"),
        MessageId = "fixture.count/1",
        Period = TimeSpan.FromMilliseconds(5),
        MaxPayloadBytes = Size,
        Capacity = 1,
    };

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => encoding == PayloadEncoding.Json ? 64 : Size;

    public int Encode(Count value, int version, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, value.Value);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], ~value.Value);
        return Size;
    }

    public Rejection Decode(ReadOnlySpan<byte> payload, Count value)
    {
        if (payload.Length < Size)
        {
            return new Rejection(RejectReason.Truncated, (ulong)payload.Length, Size);
        }

        var count = BinaryPrimitives.ReadInt64LittleEndian(payload);
        if (BinaryPrimitives.ReadInt64LittleEndian(payload[8..]) != ~count)
        {
            return new Rejection(RejectReason.Crc);
        }

        value.Value = count;
        return Rejection.None;
    }

    public void WriteJson(Count value, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("count"u8, value.Value);
        writer.WriteEndObject();
    }

    public Rejection ReadJson(ReadOnlySpan<byte> json, Count value)
    {
        value.Value = JsonElement.Parse(json).GetProperty("count"u8).GetInt64();
        return Rejection.None;
    }

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer)
    {
        var value = new Count();
        var rejection = encoding == PayloadEncoding.Json ? ReadJson(payload, value) : Decode(payload, value);
        if (rejection.IsNone)
        {
            WriteJson(value, writer);
        }

        return rejection;
    }
}
