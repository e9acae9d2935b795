using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Sends every meter and activity source named Omnisight.* to a collector. Its assemblies are loaded only when it is switched on.</summary>
internal sealed class OtlpExport : IAsyncDisposable
{
    /// <summary>The last metrics and spans get so long at a stop: a collector that hangs must not hold it (the exporter itself would wait 5 s for each).</summary>
    private const int LastWithinMs = 2000;

    private readonly MeterProvider _meters;
    private readonly TracerProvider _traces;

    private OtlpExport(Uri endpoint, string instance)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService("omnisight", serviceInstanceId: instance);
        _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter("Omnisight.*").AddOtlpExporter(o => o.Endpoint = endpoint).Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource("Omnisight.*").AddOtlpExporter(o => o.Endpoint = endpoint).Build();
    }

    /// <summary>Starts exporting.</summary>
    public static IAsyncDisposable Start(Uri endpoint, string instance) => new OtlpExport(endpoint, instance);

    public async ValueTask DisposeAsync()
    {
        _ = await Task.WhenAll(Task.Run(() => _meters.Shutdown(LastWithinMs)), Task.Run(() => _traces.Shutdown(LastWithinMs)));
        _meters.Dispose();
        _traces.Dispose();
    }
}
