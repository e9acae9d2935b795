namespace Omnisight.Cli.Bench;

/// <summary>A frame that a benchmark's reader took.</summary>
internal record struct BenchTake
{
    public ulong Sequence;

    public ulong Missed;

    /// <summary>When the reader's thread was awake and began to take it.</summary>
    public long AwakeNs;

    /// <summary>When the reader held it: decoded, or leased and validated. What is looked at afterwards is not measured.</summary>
    public long HeldNs;

    /// <summary>Whole as its content says.</summary>
    public bool Whole;

    /// <summary>How long the publisher filled it in place, where it does.</summary>
    public long FillNs;
}
