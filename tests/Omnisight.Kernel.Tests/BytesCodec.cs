using System.Text.Json;

namespace Omnisight.Kernel.Tests;

/// <summary>Bytes as they are.</summary>
internal sealed class BytesCodec : IMessageCodec<byte[]>
{
    public string Name => "test.bytes";

    public int MinVersion => 1;

    public int MaxVersion => 1;

    public Type PayloadType => typeof(byte[]);

    public ChannelSpec DefaultChannel { get; } = new() { Name = ChannelName.Parse("bytes"), MessageId = "test.bytes/1", MaxPayloadBytes = 64 };

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => 64;

    public int Encode(byte[] value, int version, Span<byte> destination)
    {
        value.CopyTo(destination);
        return value.Length;
    }

    public Rejection Decode(ReadOnlySpan<byte> payload, byte[] value) => Rejection.None;

    public void WriteJson(byte[] value, Utf8JsonWriter writer) => writer.WriteBase64StringValue(value);

    public Rejection ReadJson(ReadOnlySpan<byte> json, byte[] value) => Rejection.None;

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer) => Rejection.None;
}
