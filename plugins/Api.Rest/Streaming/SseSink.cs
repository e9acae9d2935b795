using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Omnisight.Api.Rest.Channels;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>Server-sent events into a response.</summary>
internal sealed class SseSink(PipeWriter writer, CancellationToken aborted) : IStreamSink
{
    private bool _isPending;

    public ValueTask Event(string name, byte[] json)
    {
        writer.Write(Encoding.ASCII.GetBytes($"event: {name}\ndata: "));
        writer.Write(json);
        writer.Write("\n\n"u8);
        _isPending = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>At once: a write of its own into the socket costs less than one into the pipe's memory and a flush.</summary>
    public ValueTask Value(Snapshot snapshot, bool stale)
    {
        _isPending = false;
        return Sent(writer.WriteAsync(stale ? snapshot.StaleEvent : snapshot.Event, aborted));
    }

    public ValueTask KeepAlive()
    {
        writer.Write(": keep-alive\n\n"u8);
        _isPending = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask Flush()
    {
        if (!_isPending)
        {
            return ValueTask.CompletedTask;
        }

        _isPending = false;
        return Sent(writer.FlushAsync(aborted));
    }

    private static ValueTask Sent(ValueTask<FlushResult> flush)
    {
        return flush.IsCompletedSuccessfully ? Check(flush.Result) : Wait(flush);

        static async ValueTask Wait(ValueTask<FlushResult> flush) => await Check(await flush);
    }

    private static ValueTask Check(FlushResult result) =>
        result.IsCompleted ? throw new OperationCanceledException("the client is gone") : ValueTask.CompletedTask;
}
