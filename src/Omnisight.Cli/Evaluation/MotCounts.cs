namespace Omnisight.Cli.Evaluation;

/// <summary>What was counted in one sequence; the counts of several add up.</summary>
internal sealed record MotCounts
{
    public int Objects { get; init; }

    public int Predictions { get; init; }

    public int Matches { get; init; }

    public int FalsePositives => Predictions - Matches;

    public int Misses => Objects - Matches;

    public int IdSwitches { get; init; }

    public int Fragmentations { get; init; }

    public double Overlap { get; init; }

    public int Tracks { get; init; }

    public int MostlyTracked { get; init; }

    public int MostlyLost { get; init; }

    /// <summary>Matches under the one global assignment of tracks to objects.</summary>
    public int IdMatches { get; init; }

    public double Mota => 100 * (1 - ((double)(FalsePositives + Misses + IdSwitches) / Objects));

    /// <summary>Mean overlap of matched pairs.</summary>
    public double Motp => 100 * Overlap / Matches;

    public double Idf1 => 200.0 * IdMatches / (Objects + Predictions);

    public double Recall => 100.0 * Matches / Objects;

    public double Precision => 100.0 * Matches / Predictions;

    public static MotCounts operator +(MotCounts a, MotCounts b) => new()
    {
        Objects = a.Objects + b.Objects,
        Predictions = a.Predictions + b.Predictions,
        Matches = a.Matches + b.Matches,
        IdSwitches = a.IdSwitches + b.IdSwitches,
        Fragmentations = a.Fragmentations + b.Fragmentations,
        Overlap = a.Overlap + b.Overlap,
        Tracks = a.Tracks + b.Tracks,
        MostlyTracked = a.MostlyTracked + b.MostlyTracked,
        MostlyLost = a.MostlyLost + b.MostlyLost,
        IdMatches = a.IdMatches + b.IdMatches,
    };
}
