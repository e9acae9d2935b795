using Omnisight.Api.Rest.Telemetry;

namespace Omnisight.Api.Rest.Security;

/// <summary>What the gate knows of an endpoint; its metadata.</summary>
internal sealed record EndpointRule(string Method, string Pattern, Access Access, EndpointCounters Counters, IReadOnlyList<string> Parameters)
{
    /// <summary>Streams take tickets: a browser can't put a key on them.</summary>
    public bool TakesTicket => Pattern is "/api/stream" or "/api/ws";

    /// <summary>What programs call. Pages and scrapes are asked for with whatever a cache or a scraper adds to the address.</summary>
    public bool IsApi => Pattern.StartsWith("/api/", StringComparison.Ordinal);

    /// <summary>Also served on the management addresses.</summary>
    public bool IsManagement => Pattern is "/healthz" or "/metrics";
}
