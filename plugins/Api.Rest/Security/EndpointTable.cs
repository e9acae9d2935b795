namespace Omnisight.Api.Rest.Security;

/// <summary>
/// Every endpoint and what it asks of its caller. The one place to review: an endpoint that is not here is denied, and a
/// test compares the table with the routes and with docs/rest-api.md.
/// </summary>
internal static class EndpointTable
{
    public static readonly IReadOnlyDictionary<string, Access> Entries = new Dictionary<string, Access>
    {
        ["GET /"] = Access.Public,
        ["GET /dashboard/{file}"] = Access.Public,
        ["GET /docs"] = Access.Public,
        ["GET /docs/scalar.js"] = Access.Public,
        ["GET /openapi/v1.json"] = Access.Public,
        ["GET /healthz"] = Access.Public,
        ["GET /metrics"] = Access.Read,
        ["GET /api/health"] = Access.Read,
        ["GET /api/perception/detections"] = Access.Read,
        ["GET /api/perception/tracks"] = Access.Read,
        ["GET /api/perception/status"] = Access.Read,
        ["GET /api/timeline/predictions"] = Access.Read,
        ["GET /api/timeline/status"] = Access.Read,
        ["GET /api/timeline/history"] = Access.Read,
        ["POST /api/timeline/refresh"] = Access.Command,
        ["GET /api/swarm/network"] = Access.Read,
        ["GET /api/swarm/cameras"] = Access.Read,
        ["POST /api/swarm/sync"] = Access.Command,
        ["GET /api/config"] = Access.Read,
        ["GET /api/config/schema"] = Access.Read,
        ["POST /api/config"] = Access.Config,
        ["GET /api/stats"] = Access.Read,
        ["GET /api/status"] = Access.Read,
        ["GET /api/plugins"] = Access.Read,
        ["GET /api/channels"] = Access.Read,
        ["GET /api/channels/{name}"] = Access.Read,
        ["GET /api/stream"] = Access.Read,
        ["GET /api/ws"] = Access.Read,
        ["POST /api/tickets"] = Access.Read,
    };

    public static Access Of(string method, string pattern) => Entries.GetValueOrDefault($"{method} {pattern}", Access.Denied);
}
