namespace Omnisight.Api.Rest.Telemetry;

/// <summary>One metric with all its label sets. The same families feed /metrics and the Meter.</summary>
/// <param name="Name">As Prometheus has it, with unit and _total.</param>
/// <param name="Kind">counter, gauge or histogram.</param>
/// <param name="Help">What it tells, in a line.</param>
/// <param name="Read">The values now.</param>
internal sealed record MetricFamily(string Name, string Kind, string Help, Func<IEnumerable<MetricSample>> Read);

/// <summary>One value. A histogram's samples carry the suffix of their part.</summary>
internal readonly record struct MetricSample(double Value, string Suffix, params (string Name, string Value)[] Labels)
{
    public static MetricSample Of(double value, params (string Name, string Value)[] labels) => new(value, "", labels);
}
