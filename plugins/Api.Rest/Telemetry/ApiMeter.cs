using System.Diagnostics.Metrics;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>The same metrics as instruments of the Meter <c>Omnisight.Api.Rest</c>, for OTLP and dotnet-counters. Costs nothing until somebody listens.</summary>
internal sealed class ApiMeter : IDisposable
{
    private readonly Meter _meter = new(ApiTelemetry.Name);

    public ApiMeter(IEnumerable<MetricFamily> families)
    {
        foreach (var family in families)
        {
            // Buckets and quantiles are Prometheus' own; a Meter's listener makes its own from measurements.
            switch (family.Kind)
            {
                case "counter":
                    _ = _meter.CreateObservableCounter(family.Name, () => Measure(family), unit: null, family.Help);
                    break;
                case "gauge" or "summary":
                    _ = _meter.CreateObservableGauge(family.Name, () => Measure(family), unit: null, family.Help);
                    break;
            }
        }
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> Measure(MetricFamily family) =>
        family.Read().Select(s => new Measurement<double>(s.Value, s.Labels.Select(l => new KeyValuePair<string, object?>(l.Name, l.Value))));
}
