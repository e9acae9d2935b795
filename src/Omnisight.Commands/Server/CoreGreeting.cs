using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>What every core adds to the answer to HELLO (<see cref="CommandServerOptions.Greeting"/>), in whatever language it was written.</summary>
public static class CoreGreeting
{
    /// <summary>Writes <c>version</c>, <c>contract</c>, <c>channels</c> (name, message with the version that is written, capacity, period) and <c>reads</c>, the frame versions that a reader of this build knows.</summary>
    public static void Write(Utf8JsonWriter json, string version, IEnumerable<ChannelSpec> channels)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(channels);
        json.WriteString("version"u8, version);
        json.WriteString("contract"u8, ContractVersion.Current.ToString());
        json.WriteStartArray("channels"u8);
        foreach (var channel in channels)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, channel.Name.Value);
            json.WriteString("message"u8, channel.MessageId);
            json.WriteNumber("capacity"u8, channel.Capacity);
            json.WriteNumber("period_ms"u8, (long)channel.Period.TotalMilliseconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("reads"u8);
        json.WriteNumberValue(1);
        json.WriteNumberValue(2);
        json.WriteEndArray();
    }
}
