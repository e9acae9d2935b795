namespace Omnisight.Perception.Replay.Mot;

/// <summary>Rows of a file that can't be shown, counted by their reason; the first of each is remembered.</summary>
internal sealed class LeftOut(string file)
{
    private readonly Dictionary<string, (int Count, int Line, string What)> _reasons = new(StringComparer.Ordinal);

    /// <summary>One row less.</summary>
    /// <param name="reason">Why, in words that do not depend on the row.</param>
    /// <param name="line">Its line in the file.</param>
    /// <param name="what">What it says.</param>
    public void Add(string reason, int line, string what)
    {
        _reasons[reason] = _reasons.TryGetValue(reason, out var known) ? known with { Count = known.Count + 1 } : (1, line, what);
    }

    /// <summary>A sentence for each reason.</summary>
    public IReadOnlyList<string> Sentences =>
        [.. _reasons.Select(r => $"rows that {r.Key}: {r.Value.Count}; the first is {file}:{r.Value.Line}: {r.Value.What}")];
}
