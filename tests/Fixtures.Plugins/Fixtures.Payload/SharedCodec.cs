using System.Text.Json;
using Omnisight;

namespace Fixtures.Payload;

[ExportMessage]
public sealed class SharedCodec : IMessageCodec<SharedValue>
{
    public string Name => "fixture.shared";

    public int MinVersion => 1;

    public int MaxVersion => 1;

    public Type PayloadType => typeof(SharedValue);

    public ChannelSpec DefaultChannel { get; } = new() { Name = ChannelName.Parse("fixture-shared"), MessageId = "fixture.shared/1", MaxPayloadBytes = 1 };

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => encoding == PayloadEncoding.Json ? 32 : 1;

    public int Encode(SharedValue value, int version, Span<byte> destination)
    {
        destination[0] = value.Value;
        return 1;
    }

    public Rejection Decode(ReadOnlySpan<byte> payload, SharedValue value)
    {
        value.Value = payload[0];
        return Rejection.None;
    }

    public void WriteJson(SharedValue value, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("value"u8, value.Value);
        writer.WriteEndObject();
    }

    public Rejection ReadJson(ReadOnlySpan<byte> json, SharedValue value)
    {
        value.Value = JsonElement.Parse(json).GetProperty("value"u8).GetByte();
        return Rejection.None;
    }

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer)
    {
        var value = new SharedValue();
        var rejection = encoding == PayloadEncoding.Json ? ReadJson(payload, value) : Decode(payload, value);
        WriteJson(value, writer);
        return rejection;
    }
}
