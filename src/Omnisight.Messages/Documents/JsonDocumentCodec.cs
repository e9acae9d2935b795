using System.Text.Json;
using System.Text.Unicode;

namespace Omnisight.Messages;

/// <summary>A message that is a JSON object whatever carries it: its binary form is the UTF-8 text. Thread-safe.</summary>
/// <example><code>
/// [ExportMessage]
/// public sealed class LidarStatusCodec() : JsonDocumentCodec("acme.lidar_status", "lidar-status", TimeSpan.FromSeconds(1));
/// </code></example>
public abstract class JsonDocumentCodec : IMessageCodec<JsonText>
{
    private const int DefaultMaxBytes = 256 * 1024;
    private const int MaxDepth = 64;
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    /// <summary>A document of version 1.</summary>
    /// <param name="name">The message's name, without version.</param>
    /// <param name="channel">The channel that carries it unless configured otherwise.</param>
    /// <param name="period">Expected time between documents; zero = events.</param>
    protected JsonDocumentCodec(string name, string channel, TimeSpan period)
    {
        Name = name;
        DefaultChannel = new ChannelSpec
        {
            Name = ChannelName.Parse(channel),
            MessageId = new MessageId(name, 1).ToString(),
            Period = period,
            Capacity = 1,
            MaxPayloadBytes = DefaultMaxBytes,
        };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int MinVersion => 1;

    /// <inheritdoc/>
    public int MaxVersion => 1;

    /// <inheritdoc/>
    public Type PayloadType => typeof(JsonText);

    /// <inheritdoc/>
    public ChannelSpec DefaultChannel { get; }

    /// <inheritdoc/>
    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => DefaultMaxBytes;

    /// <inheritdoc/>
    public int Encode(JsonText value, int version, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = value.Utf8.Span;
        return text.TryCopyTo(destination) ? text.Length : -1;
    }

    /// <inheritdoc/>
    public Rejection Decode(ReadOnlySpan<byte> payload, JsonText value)
    {
        ArgumentNullException.ThrowIfNull(value);

        // A copy first: the payload may be memory that others write, and what is checked must be what is kept.
        value.Set(payload);
        return Check(value.Utf8.Span);
    }

    /// <inheritdoc/>
    public void WriteJson(JsonText value, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(writer);

        // A file ends with a line break, which is not part of the value.
        writer.WriteRawValue(value.Utf8.Span.Trim(" \t\r\n"u8), skipInputValidation: true);
    }

    /// <inheritdoc/>
    public Rejection ReadJson(ReadOnlySpan<byte> json, JsonText value) => Decode(json, value);

    /// <inheritdoc/>
    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var copy = new JsonText();
        var rejection = Decode(payload, copy);
        if (rejection.IsNone)
        {
            WriteJson(copy, writer);
        }

        return rejection;
    }

    private static Rejection Check(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            return new(RejectReason.BadJson);
        }

        try
        {
            var reader = new Utf8JsonReader(text, Strict);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return new(RejectReason.BadJson);
            }

            while (reader.Read())
            {
            }

            return Rejection.None;
        }
        catch (JsonException)
        {
            return new(RejectReason.BadJson);
        }
    }
}
