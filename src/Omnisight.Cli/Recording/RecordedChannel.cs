using System.Text.Json;

namespace Omnisight.Cli.Recording;

/// <summary>A channel as a recording's first line describes it.</summary>
internal sealed record RecordedChannel(string Name, string Message, string Encoding)
{
    public static RecordedChannel Of(IReader reader) => new(reader.Channel.Name.Value, reader.Channel.MessageId, EncodingName(reader.Encoding));

    public static RecordedChannel Read(JsonElement element) => new(
        element.GetProperty("name").GetString()!, element.GetProperty("message").GetString()!, element.GetProperty("encoding").GetString()!);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteString("message", Message);
        writer.WriteString("encoding", Encoding);
        writer.WriteEndObject();
    }

    public static string EncodingName(PayloadEncoding encoding) => encoding == PayloadEncoding.Json ? "json" : "binary";
}
