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

    /// <summary>Maps reading. <paramref name="parameters"/> are all that the query may hold.</summary>
    public void Get(string pattern, RequestDelegate handler, params string[] parameters) => Map("GET", pattern, Reading, handler, parameters);

    public void Post(string pattern, RequestDelegate handler, params string[] parameters) => Map("POST", pattern, Posting, handler, parameters);

    public void Socket(string pattern, RequestDelegate handler, params string[] parameters) => Map("GET", pattern, Opening, handler, parameters);

    private void Map(string method, string pattern, string[] methods, RequestDelegate handler, string[] parameters)
    {
        var rule = new EndpointRule(method, pattern, EndpointTable.Of(method, pattern), new EndpointCounters(), parameters);
        _rules.Add(rule);
        _ = builder.MapMethods(pattern, methods, rule.IsApi ? Checked(handler, new QueryKeys(parameters)) : handler).WithMetadata(rule);
    }

    private static RequestDelegate Checked(RequestDelegate handler, QueryKeys keys) =>
        context => (context.Request.QueryString.HasValue ? keys.Refuse(context) : null) ?? handler(context);
}
