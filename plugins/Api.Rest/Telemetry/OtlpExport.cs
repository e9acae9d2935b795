using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Sends every meter and activity source named Omnisight.* to a collector. Its assemblies are loaded only when it is switched on.</summary>
internal sealed class OtlpExport : IDisposable
{
    private readonly MeterProvider _meters;
    private readonly TracerProvider _traces;

    private OtlpExport(Uri endpoint, string instance)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService("omnisight", serviceInstanceId: instance);
        _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter("Omnisight.*").AddOtlpExporter(o => o.Endpoint = endpoint).Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource("Omnisight.*").AddOtlpExporter(o => o.Endpoint = endpoint).Build();
    }

    /// <summary>Starts exporting.</summary>
    public static IDisposable Start(Uri endpoint, string instance) => new OtlpExport(endpoint, instance);

    public void Dispose()
    {
        _meters.Dispose();
        _traces.Dispose();
    }
}
