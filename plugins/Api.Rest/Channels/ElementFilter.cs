using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Omnisight.Api.Rest.Channels;

/// <summary>Which elements of a frame a request wants: <c>?min_confidence=0.5&amp;class=person,vehicle</c>.</summary>
internal sealed class ElementFilter
{
    private const int MostCached = 256;
    private const int LongestCached = 256;
    private static readonly ConcurrentDictionary<string, ElementFilter> Cache = new();

    private ElementFilter(double minimumConfidence, byte[][] classes)
    {
        MinimumConfidence = minimumConfidence;
        Classes = classes;
    }

    public double MinimumConfidence { get; }

    /// <summary>Names in UTF-8; empty = all.</summary>
    public IReadOnlyList<byte[]> Classes { get; }

    /// <summary>Parses a query; null with an error naming the parameter, null without one when nothing is filtered.</summary>
    public static ElementFilter? Parse(string query, out (string Parameter, string Message)? error)
    {
        error = null;
        if (Cache.TryGetValue(query, out var known))
        {
            return known;
        }

        var minimum = double.NegativeInfinity;
        var classes = new List<byte[]>();
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().Span;
            var value = pair.DecodeValue().ToString();
            if (name.SequenceEqual("min_confidence"))
            {
                if (!double.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out minimum) || !(minimum is >= 0 and <= 1))
                {
                    error = ("min_confidence", $"'{value}' is not a number from 0 to 1");
                    return null;
                }
            }
            else if (name.SequenceEqual("class"))
            {
                classes.AddRange(value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(System.Text.Encoding.UTF8.GetBytes));
            }
        }

        if (double.IsNegativeInfinity(minimum) && classes.Count == 0)
        {
            return null;
        }

        var filter = new ElementFilter(minimum, [.. classes]);
        if (query.Length > LongestCached)
        {
            return filter;
        }

        // Those that are still asked for come back at once; without this, the first 256 would be the only ones for ever.
        if (Cache.Count >= MostCached)
        {
            Cache.Clear();
        }

        return Cache.GetOrAdd(query, filter);
    }
}
