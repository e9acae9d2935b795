using System.Net.WebSockets;
using System.Text;
using Omnisight.Api.Rest.Channels;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>The same events as JSON text messages: <c>{"event":"gap", ...}</c>.</summary>
internal sealed class WebSocketSink(WebSocket socket, CancellationToken aborted) : IStreamSink
{
    public ValueTask Event(string name, byte[] json)
    {
        byte[] message = [.. Encoding.ASCII.GetBytes($"{{\"event\":\"{name}\""), .. json.Length > 2 ? ","u8 : ""u8, .. json.AsSpan(1)];
        return Send(message);
    }

    public ValueTask Value(Snapshot snapshot, bool stale) => Send(stale ? snapshot.StaleMessage : snapshot.Message);

    /// <summary>Pings are the socket's own business.</summary>
    public ValueTask KeepAlive() => ValueTask.CompletedTask;

    public ValueTask Flush() => ValueTask.CompletedTask;

    private ValueTask Send(byte[] message) => socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, aborted);
}
