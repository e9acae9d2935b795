using System.Diagnostics.Metrics;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>The same metrics as instruments of the Meter <c>Omnisight.Api.Rest</c>, for OTLP and dotnet-counters. Costs nothing until somebody listens.</summary>
internal sealed class ApiMeter : IDisposable
{
    private static readonly string[] Whole = [""];
    private static readonly string[] Parts = ["_bucket", "_sum", "_count"];
    private readonly Meter _meter = new(ApiTelemetry.Name);

    public ApiMeter(IEnumerable<MetricFamily> families)
    {
        foreach (var family in families)
        {
            if (family.Kind == "gauge")
            {
                _ = _meter.CreateObservableGauge(family.Name, () => Measure(family, ""), unit: null, family.Help);
                continue;
            }

            // A histogram is what it is at /metrics: three counters, so that both ways tell the same.
            foreach (var part in family.Kind == "histogram" ? Parts : Whole)
            {
                _ = _meter.CreateObservableCounter(family.Name + part, () => Measure(family, part), unit: null, family.Help);
            }
        }
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> Measure(MetricFamily family, string part) =>
        family.Read().Where(s => s.Suffix == part).Select(s => new Measurement<double>(s.Value, s.Labels.Select(l => new KeyValuePair<string, object?>(l.Name, l.Value))));
}
