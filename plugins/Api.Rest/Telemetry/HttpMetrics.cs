using Omnisight.Api.Rest.Hosting;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Streaming;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Requests, connections and streams.</summary>
internal sealed class HttpMetrics(IReadOnlyList<EndpointRule> rules, RejectCounters rejects, RejectCounters commandRejects, ConnectionLimit connections, StreamHub streams)
{
    private static readonly string[] Classes = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];

    public IEnumerable<MetricFamily> Families() =>
    [
        new("omnisight_http_requests_total", "counter", "Requests answered", Requests),
        new("omnisight_http_request_duration_seconds", "histogram", "From a request's headers to its answer; streams not counted", Durations),
        new("omnisight_http_reject_total", "counter", "Requests turned away", () => Of(rejects)),
        new("omnisight_command_reject_total", "counter", "Commands sent by this API that the core did not carry out", () => Of(commandRejects)),
        new("omnisight_http_connections", "gauge", "Connections held", () => [MetricSample.Of(connections.Held)]),
        new("omnisight_http_connections_refused_total", "counter", "Connections closed because Api.Rest:MaxConnections were held", () => [MetricSample.Of(connections.Refused)]),
        new("omnisight_http_connections_stalled_total", "counter", "Connections cut because their client took nothing of what it was sent", () => [MetricSample.Of(streams.Connections.Cut)]),
        new("omnisight_streams", "gauge", "Streams open", () => [MetricSample.Of(streams.Count(StreamKind.Sse), ("kind", "sse")), MetricSample.Of(streams.Count(StreamKind.WebSocket), ("kind", "websocket"))]),
        new("omnisight_stream_values_total", "counter", "Values sent to streams", () => [MetricSample.Of(streams.Sent)]),
        new("omnisight_sse_slow_total", "counter", "Streams cut because their client did not read", () => [MetricSample.Of(streams.Slow)]),
    ];

    private static IEnumerable<MetricSample> Of(RejectCounters counters) => counters.All.Select(c => MetricSample.Of(c.Value, ("reason", c.Key)));

    private IEnumerable<MetricSample> Requests() =>
        from rule in rules
        from status in Enumerable.Range(1, 5)
        let count = rule.Counters.OfClass(status)
        where count > 0
        select MetricSample.Of(count, ("method", rule.Method), ("route", rule.Pattern), ("status", Classes[status]));

    private IEnumerable<MetricSample> Durations() =>
        rules.Where(r => !r.TakesTicket).SelectMany(r => r.Counters.Durations.Samples(("method", r.Method), ("route", r.Pattern)));
}
