namespace Omnisight.Api.Rest.Streaming;

/// <summary>How a client watches.</summary>
internal enum StreamKind
{
    /// <summary>Server-sent events.</summary>
    Sse,

    /// <summary>WebSocket.</summary>
    WebSocket,
}
