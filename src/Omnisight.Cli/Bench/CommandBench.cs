using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Commands;

namespace Omnisight.Cli.Bench;

/// <summary>The round trips themselves. Floor and command take turns in blocks, so that whatever else the machine does meets both.</summary>
internal static class CommandBench
{
    private const int Blocks = 10;
    private const int WarmUp = 2000;

    /// <summary>Until the code of both processes is compiled for good: that is done in the background, over seconds.</summary>
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Answers commands until the standard input closes.</summary>
    public static async Task Serve(ITransport fifo, CancellationToken stop)
    {
        await using var reader = fifo.OpenReader(CommandChannels.Commands);
        await using var acks = new TransportAckSender(fifo, CommandChannels.Acks);
        var server = new CommandServer(
            new CommandServerOptions { Instance = "bench", Epoch = CommandServerOptions.NewEpoch() }, reader, acks, NullLogger.Instance, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = server.RunAsync(end.Token);
        Console.WriteLine(BenchPeer.ReadyLine);
        await Console.In.ReadToEndAsync(stop);
        await end.CancelAsync();
        await running;
    }

    public static async Task<CommandBenchResult> Measure(ITransport fifo, string directory, int count, CancellationToken stop)
    {
        await using var client = new CommandClient(fifo, fifo, NullLogger.Instance, TimeProvider.System);
        using var echo = FifoEcho.Connect(directory);
        Durations blocking = new(), awaiting = new(), floor = new();
        int lost = 0, wrong = 0;
        for (var start = MonotonicClock.NowNs(); MonotonicClock.NowNs() - start < WarmUpTime.TotalNanoseconds;)
        {
            echo.RoundTrip();
            _ = client.Send("PING", default, Patience);
        }

        // The client that waits on its own thread comes first: once something was awaited, a thread of the client's reads for all.
        for (var block = 0; block < Blocks; block++)
        {
            stop.ThrowIfCancellationRequested();
            for (var i = 0; i < Share(count, block); i++)
            {
                var start = MonotonicClock.NowNs();
                echo.RoundTrip();
                floor.Add(MonotonicClock.NowNs() - start);
            }

            for (var i = 0; i < Share(count, block); i++)
            {
                var start = MonotonicClock.NowNs();
                Judge(client.Send("PING", default, Patience));
                blocking.Add(MonotonicClock.NowNs() - start);
            }
        }

        for (var i = -WarmUp; i < count; i++)
        {
            var start = MonotonicClock.NowNs();
            var answer = await client.SendAsync("PING", default, Patience, cancellationToken: stop);
            if (i >= 0)
            {
                Judge(answer);
                awaiting.Add(MonotonicClock.NowNs() - start);
            }
        }

        return new CommandBenchResult(blocking, awaiting, floor, lost, wrong);

        void Judge(Acknowledgement answer)
        {
            lost += answer.Code is CommandCodes.AckTimeout or CommandCodes.NoCore ? 1 : 0;
            wrong += answer.Success && answer.Message == "pong" ? 0 : 1;
        }
    }

    private static int Share(int count, int block) => (count * (block + 1) / Blocks) - (count * block / Blocks);
}
