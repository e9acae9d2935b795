using System.Composition;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Endpoints;
using Omnisight.Api.Rest.Health;
using Omnisight.Api.Rest.Hosting;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Streaming;
using Omnisight.Api.Rest.Telemetry;
using Omnisight.Commands;

namespace Omnisight.Api.Rest;

/// <summary>The HTTP API: everything it answers with comes from channels, everything it changes goes to the core as a command.</summary>
[ExportModule("api")]
public sealed partial class RestModule : IModule, IAsyncDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(10);
    private readonly ILiveOptions<RestOptions> _options;
    private readonly Task<(RestServer Server, Routes Routes)> _building;

    /// <summary>Made by the host. Options that can't be served are refused here, before anything runs.</summary>
    [ImportingConstructor]
    public RestModule(IPluginContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _options = context.Options<RestOptions>();

        // Half of a start is putting the web server together: another core does it while the node loads what it has besides.
        _building = Task.Run(() => Build(context, _options.Current));
    }

    /// <summary>The addresses it listens on, once it does.</summary>
    internal TaskCompletionSource<IReadOnlyCollection<string>> Listening { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The endpoints that are mapped, once they are.</summary>
    internal IReadOnlyList<EndpointRule> Rules { get; private set; } = [];

    private IReadOnlyList<MetricFamily> Families { get; set; } = [];

    /// <inheritdoc/>
    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(context);
        var logger = context.Loggers.CreateLogger(context.PluginId);
        var keys = KeyStore.Open(context.RuntimeDirectory, context.Instance, context.Time, logger);
        var adminKey = keys.EnsureAdminKey();
        using var auditLog = AuditLog.Open(context.RuntimeDirectory, context.Instance, context.Time, logger);
        var (server, routes) = await _building;
        using var feedsStop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var catalog = new ChannelCatalog(context);
        var feeds = new ChannelFeeds(context, catalog, logger, feedsStop.Token);
        var ring = new KeyRing(keys, context.Time);
        var streams = new StreamHub(_options, ring, server.Connections, context.Time, logger);
        try
        {
            await Serve(context, server, routes, catalog, feeds, streams, ring, new Audit(auditLog, context.Time), adminKey, logger, stop);
        }
        finally
        {
            await feedsStop.CancelAsync();
            await feeds.CompletionAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ((Task)_building).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_building.IsCompletedSuccessfully)
        {
            await (await _building).Server.App.DisposeAsync();
        }
    }

    /// <summary>All that needs no channels.</summary>
    private static async Task<(RestServer Server, Routes Routes)> Build(IPluginContext context, RestOptions options)
    {
        var server = RestServer.Build(context, options);
        try
        {
            _ = server.App.UseRouting();
            var routes = new Routes(server.App);
            PageEndpoints.Map(routes);
            return (server, routes);
        }
        catch
        {
            await server.App.DisposeAsync();
            throw;
        }
    }

    private async Task Serve(IModuleContext context, RestServer server, Routes routes, ChannelCatalog catalog, ChannelFeeds feeds, StreamHub streams, KeyRing keys, Audit audit, string adminKey, ILogger logger, CancellationToken stop)
    {
        using var meters = new MeterBridge(context.Time, logger);
        var (app, options, plan, _) = server;
        Map(app, routes, context, options, plan, catalog, feeds, streams, meters, keys, audit, logger);
        using var stopping = app.Lifetime.ApplicationStopping.Register(streams.Stop);
        using var meter = new ApiMeter(Families);
        await using var export = options.Otlp is { } collector ? OtlpExport.Start(collector, context.Instance) : null;
        var watching = streams.Watch(app.Lifetime.ApplicationStopping);
        try
        {
            await Start(app, options, stop);
            meters.Listen();
            var urls = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
            var listening = string.Join(", ", urls);
            LogListening(logger, listening, adminKey);
            _ = Listening.TrySetResult(urls);
            context.Ready();
            await Sweep(feeds, context.Time, stop);
        }
        finally
        {
            // Streams are linked to ApplicationStopping, so this does not wait for their clients.
            await app.StopAsync(CancellationToken.None);
            await watching;
        }
    }

    private void Map(WebApplication app, Routes routes, IModuleContext context, RestOptions options, ListenPlan plan, ChannelCatalog catalog, ChannelFeeds feeds, StreamHub streams, MeterBridge meters, KeyRing keys, Audit audit, ILogger logger)
    {
        var tickets = new Tickets(context.Time);
        var rejects = new RejectCounters();
        var services = new ApiServices(context, _options, feeds, catalog, new NodeView(feeds, catalog), new CorePing(context), audit, tickets, streams, new RejectCounters(), logger);
        var gate = new Gate(new GateServices(
            new HostNames(plan.Endpoints.Select(e => e.Address), options.AllowedHosts), new Origins(options.AllowedOrigins), keys, tickets,
            new FailureLimit(context.Time), new RateLimit(context.Time), rejects, audit, _options, context.Time, logger, plan.HasManagement));
        _ = app.Use(gate.Wrap);
        PerceptionEndpoints.Map(routes, services);
        TimelineEndpoints.Map(routes, services);
        SwarmEndpoints.Map(routes, services);
        ConfigEndpoints.Map(routes, services);
        NodeEndpoints.Map(routes, services);
        ChannelEndpoints.Map(routes, services);
        HealthEndpoints.Map(routes, services);
        StreamEndpoints.Map(routes, app, services);
        Families =
        [
            .. new ChannelMetrics(feeds, services.Node, context.Time).Families(), .. new NodeMetrics(services.Node).Families(),
            .. new HttpMetrics(routes.Rules, rejects, services.CommandRejects, plan.Limit, streams).Families(),
        ];
        MetricsEndpoints.Map(routes, Families, meters);
        Rules = routes.Rules;
    }

    private static async Task Start(WebApplication app, RestOptions options, CancellationToken stop)
    {
        try
        {
            await app.StartAsync(stop);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new InvalidOperationException($"an address of Api.Rest:Urls ({options.Urls}) is already in use; stop the program that has it, or choose another: --set Api.Rest:Urls=http://127.0.0.1:8081", e);
        }
        catch (SocketException e)
        {
            throw new InvalidOperationException($"Api.Rest:Urls ({options.Urls}) can't be listened on: {e.Message}", e);
        }
    }

    private static async Task Sweep(ChannelFeeds feeds, TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(SweepEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                feeds.Sweep();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "listening on {Urls}; admin key in {AdminKey}")]
    private static partial void LogListening(ILogger logger, string urls, string adminKey);
}
