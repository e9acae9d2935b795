using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>The web server: Kestrel and routing, nothing that the API does not use, no configuration but ours.</summary>
internal sealed record RestServer(WebApplication App, RestOptions Options, ListenPlan Listeners, SendWatch Connections)
{
    /// <summary>The server looks at its clocks once a second: with that, no slow head is suffered for more than 10 s.</summary>
    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(8);
    /// <summary>Ordinary answers get so long to be taken at a stop; what is left is aborted, which takes a second more, and the kernel waits five.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan IdleConnection = TimeSpan.FromSeconds(60);

    /// <summary>What a body must reach after five seconds: below it, it is an attack or a dead line.</summary>
    private static readonly MinDataRate SlowestBody = new(240, TimeSpan.FromSeconds(5));

    /// <summary>The management addresses serve a monitor or two.</summary>
    private const int MostManagementConnections = 64;

    /// <summary>Puts it together; it listens to nothing yet.</summary>
    /// <exception cref="ArgumentException">What is wrong with the options, and what to write instead.</exception>
    public static RestServer Build(IPluginContext context, RestOptions options)
    {
        var plan = Plan(options);
        var connections = new SendWatch();
        var app = Create(context, options, plan, connections, context.Loggers.CreateLogger(context.PluginId)).Build();
        return new RestServer(app, options, plan, connections);
    }

    private static WebApplicationBuilder Create(IPluginContext context, RestOptions options, ListenPlan plan, SendWatch watch, ILogger logger)
    {
        // The empty builder: no appsettings.json of whoever's directory this is, no ASPNETCORE_ variables, no console.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Api.Rest", ContentRootPath = AppContext.BaseDirectory });
        _ = builder.Logging.AddProvider(new HostLogging(context.Loggers))
            .SetMinimumLevel(LogLevel.Warning)
            // Its being on makes an Activity per request.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            // What it has to say (an address in use, a stop that took long) this module says better.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        _ = builder.Services.AddRoutingCore()
            .RemoveAll<IHostLifetime>()
            .AddSingleton<IHostLifetime, ForeignLifetime>()
            .Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = endpoint => Listen(endpoint, options))
            .Configure<HostOptions>(o => o.ShutdownTimeout = StopWithin);
        _ = builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options, plan, watch, context.Time, logger));
        if (plan.NeedsTls)
        {
            _ = builder.WebHost.UseKestrelHttpsConfiguration();
        }

        return builder;
    }

    private static void Configure(KestrelServerOptions kestrel, RestOptions options, ListenPlan plan, SendWatch watch, TimeProvider time, ILogger logger)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = HeadersWithin;
        kestrel.Limits.KeepAliveTimeout = IdleConnection;
        kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
        // What waits for a slow client stays small: the newest value is all it is owed.
        kestrel.Limits.MaxResponseBufferSize = 16 * 1024;
        foreach (var (address, limit, management) in plan.Endpoints)
        {
            Bind(kestrel, address, listen =>
            {
                listen.Protocols = address.IsTls ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                _ = listen.Use(limit.Wrap).Use(watch.Wrap);
                if (management)
                {
                    _ = listen.Use(next => connection =>
                    {
                        connection.Features.Set(ManagementConnection.Instance);
                        return next(connection);
                    });
                }

                if (address.IsTls)
                {
                    var certificate = plan.Certificate!;
                    _ = listen.UseHttps(https =>
                    {
                        https.HandshakeTimeout = HeadersWithin;
                        https.ServerCertificate = certificate.Current(time, logger).TargetCertificate;
                        // With its chain, and as it is now.
                        https.OnAuthenticate = (_, tls) => tls.ServerCertificateContext = certificate.Current(time, logger);
                    });
                }
            });
        }
    }

    private static void Bind(KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions> configure)
    {
        if (address.Address is { } ip)
        {
            kestrel.Listen(ip, address.Port, configure);
        }
        else if (address.Port == 0)
        {
            // Two families can't be given the same free port.
            kestrel.Listen(IPAddress.Loopback, 0, configure);
        }
        else
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
    }

    /// <summary>Accepted sockets inherit the listener's send buffer: what a stalled client can pin in the kernel.</summary>
    private static System.Net.Sockets.Socket Listen(EndPoint endpoint, RestOptions options)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SendBufferSize = options.SendBufferBytes;
        return socket;
    }

    /// <summary>Where to listen, from the options.</summary>
    /// <exception cref="ArgumentException">What is wrong, and what to write instead.</exception>
    public static ListenPlan Plan(RestOptions options)
    {
        var api = ListenAddress.ParseList(options.Urls, "Api.Rest:Urls");
        var management = ListenAddress.ParseList(options.ManagementUrls, "Api.Rest:ManagementUrls");
        if (api.Count == 0)
        {
            throw new ArgumentException("Api.Rest:Urls names no address; write http://127.0.0.1:8080");
        }

        var hasCertificate = options.CertificatePath.Length > 0;
        foreach (var address in api)
        {
            address.CheckPublic(hasCertificate, "Api.Rest:Urls");
        }

        foreach (var address in management)
        {
            address.CheckPublic(hasCertificate, "Api.Rest:ManagementUrls");
        }

        var limit = new ConnectionLimit(options.MaxConnections);
        var managementLimit = new ConnectionLimit(MostManagementConnections);
        return new ListenPlan(
            [.. api.Select(a => (a, limit, false)), .. management.Select(a => (a, managementLimit, true))],
            limit,
            hasCertificate ? new ServerCertificate(options) : null);
    }
}
