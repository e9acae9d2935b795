using Omnisight.Api.Rest.Telemetry;

namespace Omnisight.Api.Rest.Security;

/// <summary>What the gate knows of an endpoint; its metadata.</summary>
internal sealed record EndpointRule(string Method, string Pattern, Access Access, EndpointCounters Counters)
{
    /// <summary>Streams take tickets: a browser can't put a key on them.</summary>
    public bool TakesTicket => Pattern is "/api/stream" or "/api/ws";

    /// <summary>Also served on the management addresses.</summary>
    public bool IsManagement => Pattern is "/healthz" or "/metrics";
}
