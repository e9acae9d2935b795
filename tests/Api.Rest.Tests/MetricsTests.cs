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
            n["stats"].Publish("""{"ipc":{"detections":{"publish_latency":{"count":4,"sum_us":30.5,"le_us":{"5":1,"10":3}}}}}""");
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
            "omnisight_channel_values_total{channel=\"detections\"} 1", "omnisight_channel_reject_total{channel=\"detections\",reason=\"crc\"} 0", "omnisight_plugin_faults_total{plugin=\"Perception.Simulator\",pid=\"42\"} 0",
            "# TYPE omnisight_channel_publish_latency_seconds histogram", "omnisight_channel_publish_latency_seconds_bucket{channel=\"detections\",le=\"1E-05\"} 3",
            "omnisight_channel_publish_latency_seconds_bucket{channel=\"detections\",le=\"+Inf\"} 4", "omnisight_channel_publish_latency_seconds_sum{channel=\"detections\"} 3.05E-05",
            "omnisight_test_things_total{kind=\"a\\\"b\"} 3", "omnisight_sse_slow_total 0",
            "omnisight_plugin_state{plugin=\"Perception.Simulator\",pid=\"42\",state=\"running\"} 1",
        })
        {
            lines.ShouldContain(expected);
        }

        lines.ShouldContain(l => l.StartsWith("omnisight_http_requests_total{method=\"GET\",route=\"/api/perception/detections\",status=\"2xx\"}", StringComparison.Ordinal));
        lines.ShouldContain(l => l.StartsWith("omnisight_channel_read_latency_seconds_bucket{channel=\"detections\",le=\"+Inf\"} 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_instrument_that_throws_or_has_a_wild_name_does_not_spoil_the_page()
    {
        await using var api = await RunningApi.Start();
        using var meter = new Meter("Omnisight.Wild");
        _ = meter.CreateObservableGauge("omnisight.wild.bad", (Func<int>)(() => throw new InvalidOperationException("boom")));
        _ = meter.CreateObservableGauge("omnisight/wild.1 2%", () => new Measurement<int>(7, new("a b", "1\n2"), new("a.b", "x"), new("9", "n")), null, "two\nlines \\");
        var counted = meter.CreateCounter<long>("omnisight.wild.count");
        counted.Add(2, new KeyValuePair<string, object?>("k", "v"));
        counted.Add(3, new KeyValuePair<string, object?>("k", "v"));
        meter.CreateHistogram<double>("omnisight.wild.seconds").Record(0.05);
        var lines = (await api.Client.GetStringAsync("/metrics")).TrimEnd('\n').Split('\n');
        lines.Where(l => !l.StartsWith('#')).ShouldAllBe(l => Sample().IsMatch(l));
        lines.ShouldContain("omnisight_wild_1_2_{a_b=\"1\\n2\",_9=\"n\"} 7");
        lines.ShouldContain("# HELP omnisight_wild_1_2_ two\\nlines \\\\");
        lines.ShouldContain("omnisight_wild_count_total{k=\"v\"} 5");
        lines.ShouldContain("omnisight_wild_seconds_bucket{le=\"0.1\"} 1");
        lines.ShouldContain("omnisight_wild_seconds_bucket{le=\"0.01\"} 0");
        lines.ShouldContain("omnisight_sse_slow_total 0");
        api.Node.Log.Lines.ShouldContain(l => l.Id.Id == 6401 && l.Text.Contains("boom"));
    }

    [Fact]
    public async Task What_the_framework_or_an_endpoint_refuses_is_counted_too()
    {
        await using var api = await RunningApi.Start();
        _ = await api.Client.GetAsync("/api/nothing");
        _ = await api.Client.DeleteAsync("/api/stats");
        _ = await api.Post("/api/config", "{", api.AdminKey);
        _ = await api.Post("/api/config", "a", api.AdminKey, "text/plain");
        var text = await api.Client.GetStringAsync("/metrics");
        foreach (var code in new[] { "not_found", "method_not_allowed", "bad_json", "unsupported_media_type" })
        {
            text.ShouldContain($"omnisight_http_reject_total{{reason=\"{code}\"}} 1\n");
        }
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
