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

    /// <summary>As deep as documents may be; a body holds the payload one level down.</summary>
    public const int MaxDepth = 64;

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _writer = new(Stream.Null, WriterOptions);

    private static ReadOnlySpan<byte> Stale => "stale"u8;

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
            if (!IsObject(_buffer.WrittenSpan, out var hasStale))
            {
                return new Rejection(RejectReason.BadJson);
            }

            if (hasStale || _buffer.WrittenSpan.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
            {
                Compact();
            }

            return Rejection.None;
        }
        catch (Exception e)
        {
            Fault = e;
            return new Rejection(RejectReason.Value);
        }
    }

    /// <summary>
    /// Documents are passed on as they were written, perhaps by hand; an event of a stream can't hold a line break. A
    /// member <c>stale</c> of their own would stand beside the one that every answer has.
    /// </summary>
    private void Compact()
    {
        using var document = JsonDocument.Parse(_buffer.WrittenMemory.ToArray());
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
        _writer.WriteStartObject();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (!member.NameEquals(Stale))
            {
                member.WriteTo(_writer);
            }
        }

        _writer.WriteEndObject();
        _writer.Flush();
    }

    /// <summary>Is this one JSON object from its first byte to its last? What a third party's format writes goes into every answer.</summary>
    private static bool IsObject(ReadOnlySpan<byte> json, out bool hasStale)
    {
        hasStale = false;
        if (json is not [(byte)'{', .., (byte)'}'])
        {
            return false;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                hasStale |= reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals(Stale);
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
