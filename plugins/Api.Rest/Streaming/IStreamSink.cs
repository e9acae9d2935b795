using Omnisight.Api.Rest.Channels;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>How a stream's events go out: as server-sent events, or as WebSocket messages.</summary>
internal interface IStreamSink
{
    /// <summary>An event of the stream's own: hello, gap, reset, end. <paramref name="json"/> is one object.</summary>
    ValueTask Event(string name, byte[] json);

    /// <summary>A channel's value.</summary>
    ValueTask Value(Snapshot snapshot, bool stale);

    /// <summary>Something that only shows the line is alive.</summary>
    ValueTask KeepAlive();

    /// <summary>Sends what was written. Completes when the client has taken enough of it.</summary>
    ValueTask Flush();
}
