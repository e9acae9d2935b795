using System.Diagnostics.Metrics;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>The observable instruments of this process's other Omnisight.* meters (the kernel's, other plugins'), read when /metrics is asked.</summary>
internal static class MeterBridge
{
    public static IReadOnlyList<MetricFamily> Read()
    {
        var found = new SortedDictionary<string, (Instrument Instrument, List<MetricSample> Samples)>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name.StartsWith("Omnisight.", StringComparison.Ordinal) && instrument.Meter.Name != ApiTelemetry.Name && instrument.IsObservable)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return [.. found.Select(f => new MetricFamily(f.Key, IsCounter(f.Value.Instrument) ? "counter" : "gauge", f.Value.Instrument.Description ?? f.Value.Instrument.Name, () => f.Value.Samples))];

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = Name(instrument);
            if (!found.TryGetValue(name, out var family))
            {
                found[name] = family = (instrument, []);
            }

            var labels = new (string, string)[tags.Length];
            for (var i = 0; i < tags.Length; i++)
            {
                labels[i] = (tags[i].Key.Replace('.', '_'), tags[i].Value?.ToString() ?? "");
            }

            family.Samples.Add(new MetricSample(value, "", labels));
        }
    }

    private static bool IsCounter(Instrument instrument) => instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ObservableCounter<>);

    private static string Name(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_').Replace('-', '_');
        return IsCounter(instrument) && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }
}
