using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Omnisight.Kernel.Core;

/// <summary>Publishes one JSON document of the kernel's; its buffer is reused. One thread at a time.</summary>
internal sealed class DocumentPublisher(IPublisher publisher) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>Documents are read by people too: a quotation mark in a reason is written as itself, not as \u0027.</summary>
    private readonly Utf8JsonWriter _writer = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The envelope of a JSON transport carries epoch and boot id; elsewhere the document itself does.</summary>
    public bool HasEnvelope => publisher.Encoding == PayloadEncoding.Json;

    /// <summary>Writes and publishes.</summary>
    public PublishResult Publish(Action<Utf8JsonWriter> write)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
        write(_writer);
        _writer.Flush();
        return publisher.Publish(_buffer.WrittenSpan);
    }

    public void Dispose() => _writer.Dispose();
}
