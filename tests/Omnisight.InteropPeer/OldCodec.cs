using System.Buffers.Binary;
using System.Text.Json;

namespace Omnisight.InteropPeer;

/// <summary>The codec of a reader from before the newest frame version: it refuses what it does not know, by name.</summary>
internal sealed class OldCodec<T>(IMessageCodec<T> codec, uint newest) : IMessageCodec<T>
{
    private const int VersionAt = 4;

    public string Name => codec.Name;

    public int MinVersion => codec.MinVersion;

    public int MaxVersion => (int)newest;

    public Type PayloadType => codec.PayloadType;

    public ChannelSpec DefaultChannel => codec.DefaultChannel;

    public Rejection Decode(ReadOnlySpan<byte> payload, T value) =>
        payload.Length >= VersionAt + 4 && BinaryPrimitives.ReadUInt32LittleEndian(payload[VersionAt..]) is var version && version > newest
            ? new Rejection(RejectReason.VersionMismatch, version, newest)
            : codec.Decode(payload, value);

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => codec.MaxBytes(version, capacity, encoding);

    public int Encode(T value, int version, Span<byte> destination) => codec.Encode(value, version, destination);

    public void WriteJson(T value, Utf8JsonWriter writer) => codec.WriteJson(value, writer);

    public Rejection ReadJson(ReadOnlySpan<byte> json, T value) => codec.ReadJson(json, value);

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer) => codec.PayloadToJson(payload, encoding, writer);
}
