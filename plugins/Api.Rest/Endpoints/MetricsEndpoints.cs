using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Telemetry;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>/metrics: what this API measures, and what else in its process has a meter.</summary>
internal static class MetricsEndpoints
{
    /// <summary>The core counts all commands, this API only its own.</summary>
    private const string BetterFromTheCore = "omnisight_command_reject_total";

    public static void Map(Routes routes, IReadOnlyList<MetricFamily> families, MeterBridge meters) => routes.Get("/metrics", context =>
    {
        var bridged = meters.Read();
        var own = families.Where(f => f.Name != BetterFromTheCore || bridged.All(b => b.Name != f.Name)).ToArray();
        var names = own.Select(f => f.Name).ToHashSet();
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(PrometheusText.Write([.. own, .. bridged.Where(b => !names.Contains(b.Name))]), context.RequestAborted);
    });
}
