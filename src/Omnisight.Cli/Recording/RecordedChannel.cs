using System.Text.Json;

namespace Omnisight.Cli.Recording;

/// <summary>A channel as a recording's first line describes it.</summary>
internal sealed record RecordedChannel(string Name, string Message, string Encoding)
{
    public static RecordedChannel Of(IReader reader) => new(reader.Channel.Name.Value, reader.Channel.MessageId, EncodingName(reader.Encoding));

    /// <exception cref="FormatException">A name is none.</exception>
    public static RecordedChannel Read(JsonElement element) => new(
        ChannelName.Parse(Text(element, "name")).Value, MessageId.Parse(Text(element, "message")).ToString(), Text(element, "encoding"));

    /// <exception cref="FormatException">It is no text.</exception>
    public static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");

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
