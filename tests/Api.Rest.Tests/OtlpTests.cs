using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Omnisight.Api.Rest.Tests.Node;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>OTLP to a collector that speaks as much gRPC as an exporter needs.</summary>
public class OtlpTests
{
    [Fact]
    public async Task Metrics_and_the_spans_of_commands_reach_a_collector()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        await using var collector = await Collector(received);
        var address = collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var api = await RunningApi.Start(n =>
        {
            n.Current.OtlpEndpoint = address;
            n["detections"].Publish(Frames.Detections);
        });
        api.Node.Core.Answer("REFRESH_TIMELINES", true, "ok");
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        (await api.Post("/api/timeline/refresh")).Status.ShouldBe(HttpStatusCode.OK);
        // What is left is sent at the stop.
        await api.Stop();

        var metrics = Bodies("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
        metrics.ShouldContain("omnisight_channel_values_total");
        metrics.ShouldContain("omnisight_http_requests_total");
        metrics.ShouldContain(api.Node.Instance);
        var traces = Bodies("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
        traces.ShouldContain("REFRESH_TIMELINES");
        traces.ShouldContain("omnisight.outcome");
        api.Client.Dispose();
        api.Node.Dispose();

        string Bodies(string path) => string.Concat(received.Where(r => r.Path == path).Select(r => r.Body));
    }

    private static async Task<WebApplication> Collector(ConcurrentQueue<(string Path, string Body)> received)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _ = builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.ContentType = "application/grpc";
            context.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["grpc-status"] = "0";
            // An empty message: not compressed, no bytes.
            await context.Response.Body.WriteAsync(new byte[5]);
        });
        await app.StartAsync();
        return app;
    }
}
