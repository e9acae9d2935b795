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

/// <summary>Builds the web server: Kestrel and routing, nothing that the API does not use, no configuration but ours.</summary>
internal static class RestServer
{
    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleConnection = TimeSpan.FromSeconds(60);

    /// <summary>What a body must reach after five seconds: below it, it is an attack or a dead line.</summary>
    private static readonly MinDataRate SlowestBody = new(240, TimeSpan.FromSeconds(5));

    /// <summary>The management addresses serve a monitor or two.</summary>
    private const int MostManagementConnections = 64;

    public static WebApplicationBuilder Create(IModuleContext context, RestOptions options, ListenPlan plan)
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
            .Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(4));
        _ = builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options, plan));
        if (plan.NeedsTls)
        {
            _ = builder.WebHost.UseKestrelHttpsConfiguration();
        }

        return builder;
    }

    private static void Configure(KestrelServerOptions kestrel, RestOptions options, ListenPlan plan)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = HeadersWithin;
        kestrel.Limits.KeepAliveTimeout = IdleConnection;
        kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
        // Streams are cut by their own clock, which also sees a client that takes a byte now and then.
        kestrel.Limits.MinResponseDataRate = null;
        // What waits for a slow client stays small: the newest value is all it is owed.
        kestrel.Limits.MaxResponseBufferSize = 16 * 1024;
        foreach (var (address, limit, management) in plan.Endpoints)
        {
            Bind(kestrel, address, listen =>
            {
                listen.Protocols = address.IsTls ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                _ = listen.Use(limit.Wrap);
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
                    _ = listen.UseHttps(plan.Certificate!);
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
            hasCertificate ? Certificates.Load(options) : null);
    }
}
