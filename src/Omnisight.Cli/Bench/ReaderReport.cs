using System.Globalization;

namespace Omnisight.Cli.Bench;

/// <summary>What a reader's process met, and its way to the process that asked: one line of text.</summary>
internal sealed class ReaderReport
{
    public const string Ready = "ready";

    private ulong _last;

    /// <summary>From before the publish until the frame was held.</summary>
    public Recorder Latency { get; } = new();

    /// <summary>The same without the time that the publisher spent filling the frame in place.</summary>
    public Recorder Added { get; } = new();

    /// <summary>From being awake until the frame was held.</summary>
    public Recorder Take { get; } = new();

    public long Torn { get; private set; }

    public long Gaps { get; private set; }

    public long Backward { get; private set; }

    public long Crc { get; set; }

    /// <summary>Resident memory of the largest process.</summary>
    public long ResidentBytes { get; private set; }

    public void Add(in BenchTake take, long publishedNs)
    {
        Latency.Record(take.HeldNs - publishedNs);
        Take.Record(take.HeldNs - take.AwakeNs);
        if (take.FillNs > 0)
        {
            Added.Record(take.HeldNs - publishedNs - take.FillNs);
        }

        Torn += take.Whole ? 0 : 1;
        Gaps += _last == 0 ? 0 : (long)take.Missed;
        Backward += take.Sequence > _last ? 0 : 1;
        _last = take.Sequence;
    }

    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture, $"report {Torn} {Gaps} {Backward} {Crc} {Environment.WorkingSet} {Latency.ToText()} {Take.ToText()} {Added.ToText()}");

    /// <summary>Adds what another process reported; false when the line is not a report.</summary>
    public bool AddLine(string line)
    {
        var fields = line.Split(' ');
        if (fields.Length != 9 || fields[0] != "report")
        {
            return false;
        }

        Torn += long.Parse(fields[1], CultureInfo.InvariantCulture);
        Gaps += long.Parse(fields[2], CultureInfo.InvariantCulture);
        Backward += long.Parse(fields[3], CultureInfo.InvariantCulture);
        Crc += long.Parse(fields[4], CultureInfo.InvariantCulture);
        ResidentBytes = Math.Max(ResidentBytes, long.Parse(fields[5], CultureInfo.InvariantCulture));
        Latency.AddText(fields[6]);
        Take.AddText(fields[7]);
        Added.AddText(fields[8]);
        return true;
    }
}
