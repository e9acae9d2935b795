using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Commands;
using Omnisight.Transport.Fifo;

namespace Omnisight.PeerProcess;

/// <summary>
/// <c>serve</c>: a core that answers commands over FIFOs until its standard input closes. ECHO gives its data back; JOURNAL appends its request_id to
/// <c>--journal</c>; JOURNAL_DIE does the same and then dies before it can answer; HANG never ends.
/// </summary>
internal static class CommandCore
{
    public static async Task<int> Run(PeerOptions options)
    {
        await using var transport = Transport(options);
        await using var reader = transport.OpenReader(CommandChannels.Commands);
        await using var acks = new TransportAckSender(transport, CommandChannels.Acks);
        var epoch = CommandServerOptions.NewEpoch();
        var server = new CommandServer(
            new CommandServerOptions { Instance = options.Text("instance", "peer"), Epoch = epoch, Rate = (int)options.Number("rate", 0), OwnerIsEnough = () => true, HandlerTimeout = TimeSpan.FromSeconds(30) },
            reader, acks, NullLogger.Instance, TimeProvider.System);
        var journal = options.Text("journal", "");
        server.Register(new Handler("ECHO", static (c, _) => new(CommandResult.Ok("echo", c.Data))));
        server.Register(new Handler("JOURNAL", (c, _) => new(Write(journal, c, die: false))));
        server.Register(new Handler("JOURNAL_DIE", (c, _) => new(Write(journal, c, die: true))));
        server.Register(new Handler("HANG", static async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return CommandResult.Ok("never");
        }));
        using var stop = new CancellationTokenSource();
        var running = server.RunAsync(stop.Token);
        Console.WriteLine($"serving {epoch}");
        await Console.In.ReadToEndAsync(stop.Token);
        await stop.CancelAsync();
        await running;
        Console.WriteLine($"received {server.Counters.Received} executed {server.Counters.Executed} repeated {server.Counters.Repeated} dropped {server.Counters.AcksDropped}");
        return 0;
    }

    public static FifoTransport Transport(PeerOptions options) =>
        new(new PeerContext("Transport.Fifo", options.Text("instance", "peer"), options.Text("directory", Path.GetTempPath())));

    private static CommandResult Write(string journal, Command command, bool die)
    {
        File.AppendAllText(journal, command.RequestId + "\n");
        if (die)
        {
            // SIGKILL: between what was done and its acknowledgement.
            Process.GetCurrentProcess().Kill();
        }

        return CommandResult.Ok("written");
    }

    private sealed class Handler(string type, Func<Command, CancellationToken, ValueTask<CommandResult>> run) : ICommandHandler
    {
        public string Type => type;

        public CommandScope Scope => CommandScope.Command;

        public ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken) => run(command, cancellationToken);
    }
}
