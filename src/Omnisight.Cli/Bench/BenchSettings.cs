namespace Omnisight.Cli.Bench;

/// <summary>How a benchmark reads.</summary>
internal enum BenchMode
{
    /// <summary>Copy with pread, decode.</summary>
    Safe,

    /// <summary>Decode in place.</summary>
    Map,

    /// <summary>Lease, look, validate.</summary>
    Lease,
}

/// <summary>How a benchmark's readers wait.</summary>
internal enum BenchWait
{
    /// <summary>On their own thread.</summary>
    Blocking,

    /// <summary>With WaitAsync, on the transport's one waiter thread.</summary>
    Async,
}

/// <summary>What to measure. An instance of its own, so that a node that runs is not disturbed.</summary>
internal sealed record BenchSettings
{
    public required string Instance { get; init; }

    public required string Channel { get; init; }

    public int Readers { get; init; } = 1;

    public int Frames { get; init; } = 5000;

    public BenchMode Mode { get; init; } = BenchMode.Safe;

    public BenchWait Wait { get; init; } = BenchWait.Blocking;

    /// <summary>Frames a second while latency is measured.</summary>
    public int Rate { get; init; } = 1000;

    /// <summary>Elements in a frame.</summary>
    public int Elements { get; init; } = 50;

    /// <summary>Keep the publisher on the first core and all receivers, of frames and of floors, on the second.</summary>
    public bool Pin { get; init; }

    /// <summary>
    /// Leave receivers, of frames and of floors, the slices that the scheduler gives to all. Otherwise they ask for short ones and run as soon as they are woken;
    /// with these, which of them waits until the publisher sleeps is the scheduler's choice, and decides the ratio.
    /// </summary>
    public bool LongSlices { get; init; }

    /// <summary>How the cost of a read is measured: a lease of a frame that goes through its codec has a figure of its own.</summary>
    public BenchMode CostMode => Mode == BenchMode.Lease && Channel != "video" ? BenchMode.Map : Mode;

    /// <summary>The page that the processes share.</summary>
    public string PagePath => $"/dev/shm/.{Instance}.page";

    /// <summary>What a reader process must be told of it.</summary>
    public IEnumerable<string> ToArguments() =>
    [
        .. Pin ? ["--pin"] : Array.Empty<string>(),
        .. LongSlices ? ["--long-slices"] : Array.Empty<string>(),
        Channel, "--instance", Instance, "--mode", Mode.ToString().ToLowerInvariant(), "--wait", Wait.ToString().ToLowerInvariant(),
        "--elements", Elements.ToString(System.Globalization.CultureInfo.InvariantCulture),
    ];
}
