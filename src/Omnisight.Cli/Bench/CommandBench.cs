using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Commands;
using Omnisight.Kernel;

namespace Omnisight.Cli.Bench;

/// <summary>The round trips themselves. Floor and command take turns in blocks, so that whatever else the machine does meets both.</summary>
internal static class CommandBench
{
    private const int Blocks = 10;
    private const int WarmUp = 2000;

    /// <summary>Until the code of both processes is compiled for good: that is done in the background, over seconds.</summary>
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A node that answers commands until the standard input closes.</summary>
    public static async Task Serve(Node core, CancellationToken stop)
    {
        await core.StartAsync(stop);
        Console.WriteLine(BenchPeer.ReadyLine);
        await Console.In.ReadToEndAsync(stop);
        await core.StopAsync();
    }

    /// <summary>
    /// One client of several: commands that the rate would limit, that are authorized, remembered, handled and recorded, and that change nothing.
    /// Begins when it is told to; ends with a line of two numbers, lost and wrong.
    /// </summary>
    public static async Task Crowd(ITransport fifo, int count, CancellationToken stop)
    {
        await using var client = new CommandClient(fifo, fifo, NullLogger.Instance, TimeProvider.System);
        var flaws = new CommandFlaws();
        using var nothing = JsonDocument.Parse("""{"module":"Transport.Fifo","config":{},"dry_run":true}""");
        Console.WriteLine(BenchPeer.ReadyLine);
        await Console.In.ReadLineAsync(stop);
        for (var i = 0; i < count; i++)
        {
            stop.ThrowIfCancellationRequested();
            flaws.Judge(client.Send("CONFIG_UPDATE", nothing.RootElement, Patience), "nothing to change");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{flaws.Lost} {flaws.Wrong}"));
    }

    public static async Task<CommandBenchResult> Measure(ITransport fifo, string directory, int count, CancellationToken stop)
    {
        await using var client = new CommandClient(fifo, fifo, NullLogger.Instance, TimeProvider.System);
        using var echo = FifoEcho.Connect(directory);
        Durations blocking = new(), awaiting = new(), floor = new();
        var flaws = new CommandFlaws();
        var greeting = client.Send("HELLO", default, Patience);
        flaws.Judge(greeting, "hello");
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
                flaws.Judge(client.Send("PING", default, Patience), "pong");
                blocking.Add(MonotonicClock.NowNs() - start);
            }
        }

        for (var i = -WarmUp; i < count; i++)
        {
            var start = MonotonicClock.NowNs();
            var answer = await client.SendAsync("PING", default, Patience, cancellationToken: stop);
            if (i >= 0)
            {
                flaws.Judge(answer, "pong");
                awaiting.Add(MonotonicClock.NowNs() - start);
            }
        }

        return new CommandBenchResult(blocking, awaiting, floor, greeting.Data, flaws);
    }

    private static int Share(int count, int block) => (count * (block + 1) / Blocks) - (count * block / Blocks);
}
