using System.Buffers;
using System.Text.Json;
using Omnisight.Kernel;

namespace Omnisight.Cli.Channels;

/// <summary>Turns a channel's payloads into JSON with the format that a loaded plugin brings, or as they are where they are JSON already.</summary>
internal sealed class PayloadJson(NodeTools tools, IReader reader)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(8192);

    /// <summary>Null when the payload was rejected; then <paramref name="rejection"/> says why.</summary>
    public JsonDocument? Convert(ReadOnlySpan<byte> payload, out Rejection rejection)
    {
        if (tools.FindFormat(reader.Channel.MessageId) is not { } format)
        {
            rejection = Rejection.None;
            return reader.Encoding == PayloadEncoding.Json ? Parse(payload, out rejection) : throw NoCodec();
        }

        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            rejection = format.PayloadToJson(payload, reader.Encoding, writer);
        }

        return rejection.IsNone ? Parse(_buffer.WrittenSpan, out rejection) : null;
    }

    private static JsonDocument? Parse(ReadOnlySpan<byte> utf8, out Rejection rejection)
    {
        rejection = Rejection.None;
        try
        {
            return JsonDocument.Parse(utf8.ToArray());
        }
        catch (JsonException)
        {
            rejection = new Rejection(RejectReason.BadJson);
            return null;
        }
    }

    private CliException NoCodec() => new(ExitCode.CheckFailed,
        $"channel '{reader.Channel.Name}' carries {(reader.Channel.MessageId.Length > 0 ? reader.Channel.MessageId : "an unknown message")}, and no loaded plugin knows how to show it; put the plugin with its codec into the plugins directory");
}
