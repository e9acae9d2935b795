using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Endpoints;
using Omnisight.Api.Rest.Hosting;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Telemetry;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.Commands;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>A request for a frame that is there costs nothing but what the server itself allocates.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData("", "", 200)]
    [InlineData("?min_confidence=0.4", "", 200)]
    [InlineData("", "\"e1-1-0\"", 304)]
    [InlineData("", "W/\"e1-0-0\", \"e1-1-1\"", 200)]
    [InlineData("", "", 200, true)]
    public async Task A_get_through_the_gate_allocates_nothing(string query, string known, int status, bool withKey = false)
    {
        using var node = new ScriptedNode();
        using var stop = new CancellationTokenSource();
        node["detections"].Publish(Frames.Detections);
        var feeds = new ChannelFeeds(node, new ChannelCatalog(node), NullLogger.Instance, stop.Token);
        using var audit = AuditLog.Open(node.RuntimeDirectory, node.Instance, node.Time, NullLogger.Instance);
        var keys = KeyStore.Open(node.RuntimeDirectory, node.Instance, node.Time);
        _ = keys.Add([CommandScope.Read], TimeSpan.FromHours(1), out var token);
        node.Current.RequestsPerSecond = 1_000_000;
        var gate = new Gate(new GateServices(
            new HostNames([], []), new Origins([]), new KeyRing(keys, node.Time), new Tickets(node.Time),
            new FailureLimit(node.Time), new RateLimit(node.Time), new RejectCounters(), new Audit(audit, node.Time), node, node.Time, NullLogger.Instance, HasManagement: false));
        var handle = gate.Wrap(new ValueEndpoint(feeds, "detections").Handle);
        await TestKit.Eventually.Become(() => feeds.Find("detections")!.Current is not null, "the frame is read");

        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new Discard());
        context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(new EndpointRule("GET", "/api/perception/detections", Access.Read, new EndpointCounters(), [])), null));
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Method = "GET";
        context.Request.Headers.Host = "localhost:8080";
        context.Request.Headers.IfNoneMatch = known;
        context.Request.QueryString = new QueryString(query);
        if (known.Length == 0)
        {
            _ = context.Request.Headers.Remove("If-None-Match");
        }

        if (withKey)
        {
            context.Request.Headers.Authorization = "Bearer " + token;
        }

        for (var i = 0; i < 1000; i++)
        {
            handle(context).IsCompletedSuccessfully.ShouldBeTrue();
        }

        context.Response.StatusCode.ShouldBe(status);
        var body = new byte[500];
        RequestDelegate plainest = c =>
        {
            c.Response.StatusCode = status;
            if (status == 200)
            {
                c.Response.ContentLength = body.Length;
            }

            var write = c.Response.BodyWriter.WriteAsync(body);
            return write.IsCompletedSuccessfully ? Task.CompletedTask : write.AsTask();
        };
        (PerRequest(handle, context) - PerRequest(plainest, context)).ShouldBeLessThan(1, "bytes per request more than the plainest endpoint's");
        await stop.CancelAsync();
        await feeds.CompletionAsync();
    }

    private static double PerRequest(RequestDelegate handle, HttpContext context)
    {
        const int Requests = 10_000;
        for (var i = 0; i < 1000; i++)
        {
            _ = handle(context);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Requests; i++)
        {
            _ = handle(context);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Requests;
    }

    private sealed class Discard : PipeWriter, IHttpResponseBodyFeature
    {
        private readonly byte[] _room = new byte[64 * 1024];

        public Stream Stream => Stream.Null;

        public PipeWriter Writer => this;

        public override void Advance(int bytes)
        {
        }

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(new FlushResult(false, false));

        public override Memory<byte> GetMemory(int sizeHint = 0) => _room;

        public override Span<byte> GetSpan(int sizeHint = 0) => _room;

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => new(new FlushResult(false, false));

        public Task CompleteAsync() => Task.CompletedTask;

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
