using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>A JSON writer over a buffer, one per thread: lines are short and many.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "a JSON writer over an array buffer holds nothing to release")]
internal sealed class JsonLine
{
    [ThreadStatic]
    private static JsonLine? _mine;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    private JsonLine() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>An empty line, begun with a brace.</summary>
    public static Utf8JsonWriter Begin(out JsonLine line)
    {
        line = _mine ??= new JsonLine();
        line._buffer.ResetWrittenCount();
        line._writer.Reset();
        line._writer.WriteStartObject();
        return line._writer;
    }

    /// <summary>Closes the brace.</summary>
    public byte[] End()
    {
        _writer.WriteEndObject();
        _writer.Flush();
        return _buffer.WrittenSpan.ToArray();
    }
}
