using System.Buffers;
using System.Text.Json;

namespace Omnisight.Sdk;

/// <summary>One JSON document of a server. Thread-safe.</summary>
internal sealed class DocumentChannel : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _writer;
    private readonly IPublisher _bytes;
    private long _errors;

    public DocumentChannel(ITransport transport, ChannelSpec spec)
    {
        _bytes = transport.OpenPublisher(spec);
        _writer = new Utf8JsonWriter(_buffer);
    }

    public long Errors => Volatile.Read(ref _errors);

    public PublishResult Publish(Action<Utf8JsonWriter> write)
    {
        lock (_gate)
        {
            _buffer.ResetWrittenCount();
            _writer.Reset();
            _writer.WriteStartObject();
            write(_writer);
            _writer.WriteEndObject();
            _writer.Flush();
            var result = _bytes.Publish(_buffer.WrittenSpan);
            if (result != PublishResult.Published)
            {
                _errors++;
            }

            return result;
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return _bytes.DisposeAsync();
        }
    }
}
