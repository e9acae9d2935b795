using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Omnisight.Api.Rest.Channels;

/// <summary>Turns a payload into JSON as it is read; the bytes stay until the next read.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "a JSON writer over an array buffer holds nothing to release")]
internal sealed class PayloadJson(IMessageFormat format, PayloadEncoding encoding) : IPayloadDecoder
{
    /// <summary>The API answers as application/json, so HTML-safe escapes would only cost bytes.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _writer = new(Stream.Null, WriterOptions);

    /// <summary>The last decoded payload as one JSON object.</summary>
    public ReadOnlySpan<byte> Json => _buffer.WrittenSpan;

    /// <summary>Elements of the last payload that were left out because a value of theirs was none.</summary>
    public ulong Dropped { get; private set; }

    /// <summary>What a format threw, although it must not: told once by the feed.</summary>
    public Exception? Fault { get; set; }

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
        try
        {
            var rejection = format.PayloadToJson(payload, encoding, _writer);
            if (!rejection.IsNone)
            {
                return rejection;
            }

            Dropped = rejection.Found;
            _writer.Flush();
            if (_buffer.WrittenSpan.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
            {
                Compact();
            }

            return IsObject(_buffer.WrittenSpan) ? Rejection.None : new Rejection(RejectReason.BadJson);
        }
        catch (Exception e)
        {
            Fault = e;
            return new Rejection(RejectReason.Value);
        }
    }

    /// <summary>Documents are passed on as they were written, perhaps by hand; an event of a stream can't hold a line break.</summary>
    private void Compact()
    {
        using var document = JsonDocument.Parse(_buffer.WrittenMemory.ToArray());
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
        document.RootElement.WriteTo(_writer);
        _writer.Flush();
    }

    private static bool IsObject(ReadOnlySpan<byte> json) => json is [(byte)'{', .., (byte)'}'];
}
