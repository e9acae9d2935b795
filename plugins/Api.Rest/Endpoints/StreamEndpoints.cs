using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Omnisight.Api.Rest.Envelopes;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Streaming;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/api/stream, /api/ws and the tickets that browsers need for them.</summary>
internal static class StreamEndpoints
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);

    public static void Map(Routes routes, IEndpointRouteBuilder builder, ApiServices services)
    {
        routes.Get("/api/stream", context => Stream(context, services), "channels", "max_hz", "ticket");
        // The middleware in a pipeline of its own: before routing it would allocate for every request.
        var sockets = builder.CreateApplicationBuilder();
        _ = sockets.UseWebSockets(new WebSocketOptions { KeepAliveInterval = PingEvery, KeepAliveTimeout = PingEvery });
        sockets.Run(context => Socket(context, services));
        routes.Socket("/api/ws", sockets.Build(), "channels", "max_hz", "ticket");
        routes.Post("/api/tickets", context => Ticket(context, services));
    }

    private static async Task Stream(HttpContext context, ApiServices services)
    {
        if (await Admit(context, services) is not { } request)
        {
            return;
        }

        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        LeaveSlownessToTheHub(context, services.Streams);
        await response.StartAsync(context.RequestAborted);
        var session = new StreamSession(request, new SseSink(response.BodyWriter, context.RequestAborted), context, services.Context.Time);
        await Quietly(services.Streams.Run(session, StreamKind.Sse, services.Context.Instance), context);
    }

    private static async Task Socket(HttpContext context, ApiServices services)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.Connection = "Upgrade";
            await Reply.Error(context, StatusCodes.Status426UpgradeRequired, "upgrade_required", "this path speaks WebSocket; for plain HTTP use /api/stream");
            return;
        }

        if (await Admit(context, services) is not { } request)
        {
            return;
        }

        LeaveSlownessToTheHub(context, services.Streams);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var session = new StreamSession(request, new WebSocketSink(socket, context.RequestAborted), context, services.Context.Time);
        var hearing = Hear(socket, session, context, services.Context.Time);
        await Quietly(services.Streams.Run(session, StreamKind.WebSocket, services.Context.Instance), context);
        await Quietly(Close(socket, session, hearing, services.Context.Time), context);
    }

    /// <summary>Kestrel's least rate would cut a stream before it is counted as slow. HTTP/2 has no such feature, and keeps the rate.</summary>
    private static void LeaveSlownessToTheHub(HttpContext context, StreamHub hub)
    {
        hub.Connections.MarkStream(context);
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    /// <summary>Notices that the client leaves. What it says is not for us; too much of it at once ends the connection.</summary>
    private static async Task Hear(WebSocket socket, StreamSession session, HttpContext context, TimeProvider time)
    {
        const int MostHeard = 4096;
        const long HeardWithinNs = 10_000_000_000;
        var since = MonotonicClock.NowNs(time);
        var buffer = new byte[256];
        var heard = 0;
        try
        {
            while (heard <= MostHeard)
            {
                var message = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
                if (message.MessageType == WebSocketMessageType.Close)
                {
                    session.Leave();
                    return;
                }

                var now = MonotonicClock.NowNs(time);
                (heard, since) = now - since > HeardWithinNs ? (message.Count, now) : (heard + message.Count, since);
            }

            context.Abort();
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    private static async Task Close(WebSocket socket, StreamSession session, Task hearing, TimeProvider time)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
            var status = session.EndReason switch
            {
                null => WebSocketCloseStatus.NormalClosure,
                "unauthorized" => WebSocketCloseStatus.PolicyViolation,
                _ => WebSocketCloseStatus.EndpointUnavailable,
            };
            await socket.CloseOutputAsync(status, session.EndReason, soon.Token);
        }

        // The other side's goodbye is courtesy: shutdown does not wait for it.
        _ = await Task.WhenAny(hearing, Task.Delay(TimeSpan.FromMilliseconds(500), time));
    }

    private static async Task Quietly(Task work, HttpContext context)
    {
        try
        {
            await work;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException || context.RequestAborted.IsCancellationRequested)
        {
            // The client left, or was cut: the usual end of a stream.
        }
    }

    private static async Task<StreamRequest?> Admit(HttpContext context, ApiServices services)
    {
        if (!services.Streams.IsFull)
        {
            return await StreamRequest.Read(context, services.Feeds);
        }

        context.Response.Headers.RetryAfter = "10";
        await Reply.Error(context, StatusCodes.Status503ServiceUnavailable, "too_many_streams", "as many streams are open as connections are allowed (Api.Rest:MaxConnections); try again later");
        return null;
    }

    private static async Task Ticket(HttpContext context, ApiServices services)
    {
        await CommandReply.Drain(context);
        if (services.Tickets.Issue(Gate.CallerOf(context)) is not { } ticket)
        {
            context.Response.Headers.RetryAfter = "30";
            await Reply.Error(context, StatusCodes.Status429TooManyRequests, "too_many_tickets", "too many tickets are open; use or forget some first");
            return;
        }

        await Reply.Success(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("ticket"u8, ticket);
            writer.WriteNumber("expires_in_s"u8, Tickets.LifetimeSeconds);
            writer.WriteEndObject();
        });
    }
}
