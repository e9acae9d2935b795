using Microsoft.Extensions.Primitives;

namespace Omnisight.Api.Rest.Envelopes;

/// <summary>If-None-Match (RFC 9110, 13.1.2), without an allocation: most requests of a client that polls carry one.</summary>
internal static class EntityTags
{
    /// <summary>Does the client have this tag, strong or weak, or take any? What is not a list of tags matches nothing.</summary>
    public static bool Match(in StringValues known, string own)
    {
        for (var i = 0; i < known.Count; i++)
        {
            if (Lists(known[i], own))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Lists(ReadOnlySpan<char> rest, string own)
    {
        if (rest.Trim(" \t") is ['*'])
        {
            return true;
        }

        while (true)
        {
            rest = rest.TrimStart(" \t,");
            if (rest is ['W', '/', ..])
            {
                rest = rest[2..];
            }

            if (rest is not ['"', ..] || rest[1..].IndexOf('"') is not (>= 0 and var end))
            {
                return false;
            }

            var tag = rest[..(end + 2)];
            if (tag.SequenceEqual(own))
            {
                return true;
            }

            rest = rest[tag.Length..];
        }
    }
}
