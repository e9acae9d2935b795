using System.Buffers.Binary;
using System.Text.Json;

namespace Omnisight.Tests;

/// <summary>A payload of one number.</summary>
internal sealed class Number
{
    public long Value { get; set; }
}

/// <summary>Eight bytes, or <c>{"value":N}</c>; a negative number is rejected.</summary>
internal sealed class NumberCodec : IMessageCodec<Number>
{
    public string Name => "test.number";

    public int MinVersion => 1;

    public int MaxVersion => 2;

    public Type PayloadType => typeof(Number);

    public ChannelSpec DefaultChannel => new() { Name = ChannelName.Parse("numbers"), MessageId = "test.number/2", MaxPayloadBytes = 64 };

    /// <summary>The version that was written last.</summary>
    public int WrittenVersion { get; private set; }

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => 64;

    public int Encode(Number value, int version, Span<byte> destination)
    {
        WrittenVersion = version;
        if (value.Value == long.MaxValue)
        {
            return -1;
        }

        BinaryPrimitives.WriteInt64LittleEndian(destination, value.Value);
        return sizeof(long);
    }

    public Rejection Decode(ReadOnlySpan<byte> payload, Number value)
    {
        value.Value = BinaryPrimitives.ReadInt64LittleEndian(payload);
        return value.Value < 0 ? new Rejection(RejectReason.Value) : Rejection.None;
    }

    public void WriteJson(Number value, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("value", value.Value);
        writer.WriteEndObject();
    }

    public Rejection ReadJson(ReadOnlySpan<byte> json, Number value)
    {
        value.Value = JsonElement.Parse(json).GetProperty("value").GetInt64();
        return value.Value < 0 ? new Rejection(RejectReason.Value) : Rejection.None;
    }

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer) => Rejection.None;
}
