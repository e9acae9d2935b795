using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Omnisight.Api.Rest.Security;

/// <summary>Which web pages may call: our own, and those of configured origins. Nothing else gets a CORS header.</summary>
internal sealed class Origins(IEnumerable<string> allowed)
{
    private readonly FrozenSet<string> _allowed = allowed.Select(o => o.TrimEnd('/')).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>May any foreign page call? Then answers depend on who asks, and a cache must know.</summary>
    public bool AllowsForeign => _allowed.Count > 0;

    /// <summary>Is a request with this Origin let in? Sets the CORS headers of a foreign one that is.</summary>
    public bool Admit(HttpContext context, string origin)
    {
        if (IsOwn(context.Request, origin))
        {
            return true;
        }

        if (!_allowed.Contains(origin))
        {
            return false;
        }

        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlExposeHeaders = "ETag, Omnisight-Age-Ms, Retry-After";
        return true;
    }

    /// <summary>Answers a preflight of an allowed origin; false = not one.</summary>
    public bool AnswerPreflight(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (!_allowed.Contains(origin) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
        {
            return false;
        }

        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlAllowMethods = "GET, POST";
        headers.AccessControlAllowHeaders = "Authorization, Content-Type, If-None-Match";
        headers.AccessControlMaxAge = "600";
        headers.Vary = "Origin";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    private static bool IsOwn(HttpRequest request, string origin) =>
        IsOwn(request, origin, request.Scheme)
        // Behind a proxy that ends TLS our pages come from https. A foreign page can't add this header unasked.
        || (request.Headers.TryGetValue("X-Forwarded-Proto", out var scheme) && IsOwn(request, origin, scheme.ToString()));

    private static bool IsOwn(HttpRequest request, string origin, string scheme)
    {
        return origin.Length == scheme.Length + 3 + (request.Host.Value?.Length ?? 0)
            && origin.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            && origin.AsSpan(scheme.Length).StartsWith("://", StringComparison.Ordinal)
            && origin.EndsWith(request.Host.Value ?? "", StringComparison.OrdinalIgnoreCase);
    }
}
