using System.Collections.Concurrent;
using System.Text.Json;

namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>The core as the command client sees it: answers what the test wrote down, or nothing.</summary>
internal sealed class ScriptedCore : ICommandClient
{
    private readonly ConcurrentDictionary<string, Func<JsonElement, Acknowledgement>> _answers = new();

    public ScriptedCore() => Answer("PING", true, "pong");

    /// <summary>False = a dead core: every command ends in ack_timeout.</summary>
    public bool Alive { get; set; } = true;

    public ConcurrentQueue<(string Type, string Data, string? Token)> Received { get; } = new();

    public void Answer(string type, bool success, string message, string? code = null, string? data = null) =>
        _answers[type] = _ => new Acknowledgement
        {
            RequestId = "r-1",
            Success = success,
            Message = message,
            Code = code,
            TimestampMs = 1,
            Data = data is null ? default : JsonDocument.Parse(data).RootElement,
        };

    public async ValueTask<Acknowledgement> SendAsync(string type, JsonElement data, TimeSpan timeout, string? token = null, CancellationToken cancellationToken = default)
    {
        Received.Enqueue((type, data.ValueKind == JsonValueKind.Undefined ? "" : data.GetRawText(), token));
        if (!Alive)
        {
            await Task.Delay(timeout, cancellationToken);
            return new Acknowledgement { RequestId = "r-0", Success = false, Code = "ack_timeout", Message = "the core did not answer" };
        }

        return _answers.TryGetValue(type, out var answer) ? answer(data) : new Acknowledgement { RequestId = "r-0", Success = false, Code = "unknown_command", Message = "unknown" };
    }
}
