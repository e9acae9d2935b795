namespace Omnisight.Cli.Bench;

/// <summary>A reader's process: takes frames until the one that ends the measurement, then says what it met in one line.</summary>
internal sealed class ReaderRole(BenchReader reader, BenchPage page)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly ReaderReport _report = new();
    private readonly CompiledCode _code = new();
    private long _taken;
    private bool _hasEnded;

    public static async Task Run(BenchReader reader, BenchPage page, BenchWait wait, TextWriter output, CancellationToken stop)
    {
        var role = new ReaderRole(reader, page);
        var isReady = false;
        while (!role._hasEnded && !stop.IsCancellationRequested)
        {
            if (wait == BenchWait.Async)
            {
                _ = await reader.Bytes.WaitAsync(stop);
                role.Take(null);
            }
            else
            {
                role.Take(Patience);
            }

            if (!isReady && role._taken > 0 && role._code.IsSettledAfter(role._taken))
            {
                isReady = true;
                await output.WriteLineAsync(ReaderReport.Ready);
                await output.FlushAsync(stop);
            }
        }

        role._report.Crc = reader.Bytes.Counters.Rejects(RejectReason.Crc);
        await output.WriteLineAsync(role._report.ToLine());
        await output.FlushAsync(stop);
    }

    private void Take(TimeSpan? wait)
    {
        if (!reader.TryTake(wait, out var take))
        {
            return;
        }

        _taken++;
        var stamp = Volatile.Read(ref page.StampOf(take.Sequence));
        _hasEnded = stamp == BenchChannel.End;
        if (!_hasEnded && stamp != BenchChannel.Warm)
        {
            _report.Add(take, (long)stamp);
        }
    }
}
