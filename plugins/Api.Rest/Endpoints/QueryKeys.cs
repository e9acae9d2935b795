using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>The query parameters that an endpoint takes. A misspelt one must not pass in silence: <c>?dryrun=true</c> would make the change that it was to try out.</summary>
internal sealed class QueryKeys(string[] known)
{
    private const int LongestShown = 64;

    /// <summary>Lists: given twice, their items are added up.</summary>
    private static readonly string[] Lists = ["class", "channels"];

    /// <summary>The answer to a query with a parameter that is not known, or is there twice; null = nothing is wrong. Costs no allocation then.</summary>
    public Task? Refuse(HttpContext context)
    {
        var seen = 0;
        foreach (var pair in new QueryStringEnumerable(context.Request.QueryString.Value))
        {
            var name = pair.DecodeName().Span;
            if (name.IsEmpty)
            {
                continue;
            }

            var at = IndexOf(name);
            if (at < 0)
            {
                var shown = name[..Math.Min(name.Length, LongestShown)].ToString();
                var takes = known.Length == 0 ? "this path takes none" : $"this path takes {string.Join(", ", known)}";
                return Reply.Error(context, StatusCodes.Status400BadRequest, "unknown_parameter", $"unknown parameter '{shown}'; {takes}", (shown, takes));
            }

            if ((seen & (1 << at)) != 0 && !Lists.Contains(known[at]))
            {
                return Reply.Error(context, StatusCodes.Status400BadRequest, "bad_value", $"{known[at]}: given twice", (known[at], "given twice"));
            }

            seen |= 1 << at;
        }

        return null;
    }

    private int IndexOf(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < known.Length; i++)
        {
            if (name.SequenceEqual(known[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
