namespace Omnisight.Kernel.Configuration;

/// <summary>"did you mean": the known name nearest to one that is not known.</summary>
public static class Suggestion
{
    /// <summary><c>; did you mean 'Slots'?</c>, or what there is when nothing is near (and the list is short), or nothing.</summary>
    public static string For(string unknown, IEnumerable<string> known)
    {
        var names = known.Distinct(StringComparer.Ordinal).ToList();
        var best = names.Select(n => (Name: n, Distance: Distance(Loose(unknown), Loose(n)))).OrderBy(c => c.Distance).FirstOrDefault();
        if (best.Name is not null && best.Distance <= Math.Max(1, unknown.Length / 3))
        {
            return $"; did you mean '{best.Name}'?";
        }

        return names.Count is > 0 and <= 24 ? $"; known here: {string.Join(", ", names.Order(StringComparer.OrdinalIgnoreCase))}" : "";
    }

    /// <summary>A name without case, dots, dashes and underscores: <c>confidence_threshold</c> and <c>ConfidenceThreshold</c> are the same.</summary>
    public static string Loose(string name) =>
        string.Concat(name.Where(c => c is not ('_' or '.' or '-'))).ToLowerInvariant();

    /// <summary>How many characters must be put in, taken out, replaced or swapped with their neighbour (optimal string alignment distance).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
