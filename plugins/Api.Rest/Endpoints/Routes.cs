using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Telemetry;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>Maps endpoints with what the table asks of their callers.</summary>
internal sealed class Routes(IEndpointRouteBuilder builder)
{
    private static readonly string[] Reading = ["GET", "HEAD"];
    private static readonly string[] Posting = ["POST"];

    /// <summary>A socket begins with GET in HTTP/1.1 and with CONNECT in HTTP/2, which browsers choose where there is TLS (RFC 8441).</summary>
    private static readonly string[] Opening = ["GET", "HEAD", "CONNECT"];
    private readonly List<EndpointRule> _rules = [];

    /// <summary>All endpoints mapped so far.</summary>
    public IReadOnlyList<EndpointRule> Rules => _rules;

    public void Get(string pattern, RequestDelegate handler) => Map("GET", pattern, Reading, handler);

    public void Post(string pattern, RequestDelegate handler) => Map("POST", pattern, Posting, handler);

    public void Socket(string pattern, RequestDelegate handler) => Map("GET", pattern, Opening, handler);

    private void Map(string method, string pattern, string[] methods, RequestDelegate handler)
    {
        var rule = new EndpointRule(method, pattern, EndpointTable.Of(method, pattern), new EndpointCounters());
        _rules.Add(rule);
        _ = builder.MapMethods(pattern, methods, handler).WithMetadata(rule);
    }
}
