using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Omnisight.PeerProcess;

/// <summary>Publishes frames until its count is reached, its input closes, or somebody kills it.</summary>
internal static class PublishLoop
{
    public static async Task<int> Run(PeerOptions options)
    {
        var transport = PeerTransport.Open(options);
        var channel = PeerTransport.Channel(options);
        var count = options.Number("count", long.MaxValue);
        var pause = options.Number("interval-us", 1000);
        var loan = options.Text("loan", "no") == "yes";
        var hoard = (nuint)options.Number("hoard", 0);
        if (options.Text("start", "at-once") == "told")
        {
            // Loaded, compiled and waiting: so that a test that kills hundreds does not wait for hundreds of starts.
            Console.WriteLine("waiting");
            await Console.In.ReadLineAsync();
        }

        IPublisher publisher;
        try
        {
            publisher = transport.OpenPublisher(channel);
        }
        catch (TransportException e)
        {
            Console.Error.WriteLine($"{e.Error}: {e.Message}");
            return e.Error switch { TransportError.InUse => 3, TransportError.Unsafe => 4, TransportError.NoSpace => 5, TransportError.Permission => 77, _ => 2 };
        }

        var ended = Task.Run(() => Console.In.ReadToEndAsync());
        var buffer = new byte[channel.MaxPayloadBytes];
        Console.WriteLine($"publishing epoch={publisher.Epoch}");
        var watch = Stopwatch.StartNew();
        for (var n = 1ul; n <= (ulong)count && !ended.IsCompleted; n++)
        {
            if (loan)
            {
                Lend((ILoaningPublisher)publisher, n, channel.MaxPayloadBytes);
            }
            else
            {
                var bytes = publisher.Encoding == PayloadEncoding.Json
                    ? StressPayload.FillJson(n, buffer, channel.MaxPayloadBytes)
                    : StressPayload.Fill(n, buffer, channel.MaxPayloadBytes);
                publisher.Publish(buffer.AsSpan(0, bytes));
            }

            if (n == 1)
            {
                if (options.Text("guard", "yes") == "lost")
                {
                    Sandbox.TakeSigBus();
                }

                Console.WriteLine("published first");
            }

            Hoard(hoard);
            if (pause > 0)
            {
                await Pause(watch, (long)n * pause);
            }
        }

        Console.WriteLine($"published {publisher.Counters.Values}");
        await ended;
        await publisher.DisposeAsync();
        if (transport is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        Console.WriteLine("closed");
        return 0;
    }

    private static void Lend(ILoaningPublisher publisher, ulong number, int maxBytes)
    {
        if (publisher.TryLoan(maxBytes, out var loan) == PublishResult.Published)
        {
            using (loan)
            {
                loan.Commit(StressPayload.Fill(number, loan.Payload, maxBytes));
            }
        }
    }

    /// <summary>Takes memory that the runtime's collector knows nothing of, as a leak in a native library does.</summary>
    private static unsafe void Hoard(nuint bytes)
    {
        if (bytes > 0)
        {
            NativeMemory.Fill(NativeMemory.Alloc(bytes), bytes, 1);
        }
    }

    private static async Task Pause(Stopwatch watch, long untilMicroseconds)
    {
        var left = untilMicroseconds - (watch.ElapsedTicks / (Stopwatch.Frequency / 1_000_000));
        if (left > 1000)
        {
            await Task.Delay(TimeSpan.FromMicroseconds(left));
        }
        else if (left > 0)
        {
            await Task.Yield();
        }
    }
}
