using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Omnisight.Api.Rest.Tests.Node;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

public partial class MetricsTests
{
    [Fact]
    public async Task Metrics_are_valid_prometheus_text_with_each_family_once()
    {
        using var meter = new Meter("Omnisight.Test");
        _ = meter.CreateObservableCounter("omnisight.test.things", () => new Measurement<long>(3, new KeyValuePair<string, object?>("kind", "a\"b")), null, "Things");
        await using var api = await RunningApi.Start(n =>
        {
            n["detections"].Publish(Frames.Detections);
            n["plugins"].Publish(Frames.Plugins);
            n["stats"].Publish("""{"ipc":{"detections":{"publish_p50_us":5.5,"publish_p99_us":9}}}""");
        });
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        _ = await api.GetWhen("/api/plugins", HttpStatusCode.OK);
        var text = await api.Client.GetStringAsync("/metrics");
        var lines = text.TrimEnd('\n').Split('\n');
        lines.Where(l => !l.StartsWith('#')).ShouldAllBe(l => Sample().IsMatch(l));
        var families = lines.Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(l => l.Split(' ')[2]).ToArray();
        families.Distinct().Count().ShouldBe(families.Length);
        foreach (var expected in new[]
        {
            "omnisight_channel_values_total{channel=\"detections\"} 1", "omnisight_shm_reject_total{channel=\"detections\",reason=\"crc\"} 0", "omnisight_plugin_faults_total{plugin=\"Perception.Simulator\",pid=\"42\"} 0",
            "omnisight_channel_publish_latency_seconds{channel=\"detections\",quantile=\"0.5\"} 5.5E-06", "omnisight_test_things_total{kind=\"a\\\"b\"} 3", "omnisight_sse_slow_total 0",
            "omnisight_plugin_state{plugin=\"Perception.Simulator\",pid=\"42\",state=\"running\"} 1",
        })
        {
            lines.ShouldContain(expected);
        }

        lines.ShouldContain(l => l.StartsWith("omnisight_http_requests_total{method=\"GET\",route=\"/api/perception/detections\",status=\"2xx\"}", StringComparison.Ordinal));
        lines.ShouldContain(l => l.StartsWith("omnisight_channel_read_latency_seconds_bucket{channel=\"detections\",le=\"+Inf\"} 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_requests_are_counted_by_reason()
    {
        await using var api = await RunningApi.Start();
        _ = await Raw.Send(api.Url, "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        (await api.Client.GetStringAsync("/metrics")).ShouldContain("omnisight_http_reject_total{reason=\"bad_host\"} 1");
        api.Node.Log.Lines.ShouldContain(l => l.Id.Id == 6201);
    }

    [GeneratedRegex(@"^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*=""(\\.|[^""\\])*""(,[a-zA-Z_][a-zA-Z0-9_]*=""(\\.|[^""\\])*"")*\})? (NaN|[+-]Inf|-?[0-9.]+([eE][+-]?[0-9]+)?)$")]
    private static partial Regex Sample();
}
