using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Omnisight.Api.Rest.Channels;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>Server-sent events into a response.</summary>
internal sealed class SseSink(PipeWriter writer, CancellationToken aborted) : IStreamSink
{
    public ValueTask Event(string name, byte[] json)
    {
        writer.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
        writer.Write(json);
        writer.Write("\n\n"u8);
        return ValueTask.CompletedTask;
    }

    public ValueTask Value(Snapshot snapshot, bool stale)
    {
        writer.Write(stale ? snapshot.StaleEvent : snapshot.Event);
        return ValueTask.CompletedTask;
    }

    public ValueTask KeepAlive()
    {
        writer.Write(": keep-alive\n\n"u8);
        return ValueTask.CompletedTask;
    }

    public async ValueTask Flush()
    {
        if ((await writer.FlushAsync(aborted)).IsCompleted)
        {
            throw new OperationCanceledException("the client is gone");
        }
    }
}
