using System.Diagnostics;
using System.Globalization;

namespace Omnisight.Cli.Bench;

/// <summary>A reader's process: takes frames until the one that ends the measurement, then says what it met in one line.</summary>
internal static class ReaderRole
{
    public static async Task Run(ITransport transport, BenchSettings settings, TextWriter output, CancellationToken stop)
    {
        await using var reader = BenchChannel.For(settings).OpenReader(transport, settings.Mode);
        var report = new ReaderReport();
        var ended = false;
        var first = true;
        while (!ended && !stop.IsCancellationRequested)
        {
            if (settings.Wait == BenchWait.Async)
            {
                _ = await reader.Bytes.WaitAsync(stop);
            }
            else
            {
                _ = ((IBlockingReader)reader.Bytes).Wait(TimeSpan.FromMilliseconds(100));
            }

            var start = Stopwatch.GetTimestamp();
            if (!reader.TryTake(out var sequence, out var missed, out var stamp, out var whole))
            {
                continue;
            }

            var now = Stopwatch.GetTimestamp();
            if (first)
            {
                await output.WriteLineAsync("ready");
                await output.FlushAsync(stop);
                first = false;
            }

            ended = stamp == BenchChannel.End;
            if (!ended && stamp != BenchChannel.Warm)
            {
                report.Add(now - (long)stamp, now - start, sequence, missed, whole);
            }
        }

        report.Crc = reader.Bytes.Counters.Rejects(RejectReason.Crc);
        await output.WriteLineAsync(report.ToLine());
        await output.FlushAsync(stop);
    }
}

/// <summary>What a reader met.</summary>
internal sealed class ReaderReport
{
    private ulong _last;

    public Recorder Latency { get; } = new();

    public Recorder Take { get; } = new();

    public long Torn { get; private set; }

    public long Gaps { get; private set; }

    public long Backward { get; private set; }

    public long Crc { get; set; }

    public void Add(long latencyNs, long takeNs, ulong sequence, ulong missed, bool whole)
    {
        Latency.Record(latencyNs);
        Take.Record(takeNs);
        Torn += whole ? 0 : 1;
        Gaps += _last == 0 ? 0 : (long)missed;
        Backward += sequence > _last ? 0 : 1;
        _last = sequence;
    }

    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture, $"report {Torn} {Gaps} {Backward} {Crc} {Latency.ToText()} {Take.ToText()}");

    /// <summary>Adds what another process reported; false when the line is not a report.</summary>
    public bool AddLine(string line)
    {
        var fields = line.Split(' ');
        if (fields.Length != 7 || fields[0] != "report")
        {
            return false;
        }

        Torn += long.Parse(fields[1], CultureInfo.InvariantCulture);
        Gaps += long.Parse(fields[2], CultureInfo.InvariantCulture);
        Backward += long.Parse(fields[3], CultureInfo.InvariantCulture);
        Crc += long.Parse(fields[4], CultureInfo.InvariantCulture);
        Latency.AddText(fields[5]);
        Take.AddText(fields[6]);
        return true;
    }
}
