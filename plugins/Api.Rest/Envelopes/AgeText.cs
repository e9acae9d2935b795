using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Omnisight.Api.Rest.Envelopes;

/// <summary>Ages as header values, each made once: a request must not allocate its own.</summary>
internal static class AgeText
{
    private static readonly StringValues[] Known = new StringValues[16_384];

    public static StringValues Of(TimeSpan age)
    {
        var ms = (long)age.TotalMilliseconds;
        if (ms >= Known.Length)
        {
            return ms.ToString(CultureInfo.InvariantCulture);
        }

        ref var known = ref Known[ms];
        if (known.Count == 0)
        {
            known = ms.ToString(CultureInfo.InvariantCulture);
        }

        return known;
    }
}
