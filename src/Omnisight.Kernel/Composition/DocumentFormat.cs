using System.Text.Json;

namespace Omnisight.Kernel.Composition;

/// <summary>A message that is a JSON document of the kernel's: its binary form is its UTF-8.</summary>
internal sealed class DocumentFormat(string name, string channel, TimeSpan period) : IMessageFormat
{
    /// <summary>The largest document; a configuration with every plugin's schema is some 50 KB.</summary>
    private const int MaxDocumentBytes = 1 << 20;

    public string Name => name;

    public int MinVersion => 1;

    public int MaxVersion => 1;

    public Type PayloadType => typeof(JsonElement);

    public ChannelSpec DefaultChannel { get; } = new()
    {
        Name = ChannelName.Parse(channel),
        MessageId = name + "/1",
        Period = period,
        MaxPayloadBytes = MaxDocumentBytes,
    };

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => MaxDocumentBytes;

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        try
        {
            var reader = new Utf8JsonReader(payload);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                document.RootElement.WriteTo(writer);
                return Rejection.None;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What else it is does not matter: the outcome is the same rejection.
        }

        return new Rejection(RejectReason.BadJson);
    }
}
