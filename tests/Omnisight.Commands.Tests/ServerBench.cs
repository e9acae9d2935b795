using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Omnisight.TestKit;
using Omnisight.TransportConformance;

namespace Omnisight.Commands.Tests;

/// <summary>A server whose clock, lines and answers a test holds in its hands.</summary>
internal sealed class ServerBench
{
    public const ulong Epoch = 4711;

    public ServerBench(Func<CommandServerOptions, CommandServerOptions>? configure = null)
    {
        var options = new CommandServerOptions { Instance = "bench", Epoch = Epoch };
        Server = new CommandServer(
            configure?.Invoke(options) ?? options, new MemoryTransport(new MemoryHub()).OpenReader(CommandChannels.Commands), Answers, NullLogger.Instance, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public RecordingSender Answers { get; } = new();

    public CommandServer Server { get; }

    public void Receive(string line) => Server.Receive(Encoding.UTF8.GetBytes(line));

    /// <summary>Receives a line and waits for one more answer.</summary>
    public async Task<Acknowledgement> Ask(string line)
    {
        var before = Answers.Sent.Count;
        Receive(line);
        await Eventually.Become(() => Answers.Sent.Count > before, "an answer");
        return Answers.Last;
    }

    public static string Line(string type, string id = "r1", string data = "{}", string more = "") =>
        $$"""{"type":"{{type}}","timestamp":1,"request_id":"{{id}}","data":{{data}}{{more}}}""";
}
