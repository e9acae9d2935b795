using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>One instrument of another meter as a metric of Prometheus.</summary>
internal sealed class BridgedFamily
{
    /// <summary>Where the instrument does not say what its values are like.</summary>
    private static readonly double[] Decades = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4];
    private readonly bool _isObservable, _adds;
    private readonly double[] _bounds;
    private readonly string _help;
    private readonly ConcurrentDictionary<string, Series> _series = new();

    private BridgedFamily(Instrument instrument, string kind, bool adds = false, double[]? bounds = null)
    {
        _adds = adds;
        _bounds = bounds ?? Decades;
        var name = PrometheusText.NameOf(instrument.Name);
        Name = kind == "counter" && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
        Kind = kind;
        _help = instrument.Description ?? instrument.Name;
        _isObservable = instrument.IsObservable;
    }

    private sealed class Series((string Name, string Value)[] labels, Buckets? buckets)
    {
        public readonly (string Name, string Value)[] Labels = labels;
        public readonly Buckets? Buckets = buckets;
        public double Value;
    }

    public string Name { get; }

    public string Kind { get; }

    /// <summary>The family of an instrument; null when it is of a kind that Prometheus has no word for.</summary>
    public static BridgedFamily? Of(Instrument instrument)
    {
        var type = instrument.GetType();
        while (type is { IsGenericType: false })
        {
            type = type.BaseType;
        }

        var kind = type?.GetGenericTypeDefinition();
        return kind == typeof(Counter<>) ? new BridgedFamily(instrument, "counter", adds: true)
            : kind == typeof(ObservableCounter<>) ? new BridgedFamily(instrument, "counter")
            : kind == typeof(UpDownCounter<>) ? new BridgedFamily(instrument, "gauge", adds: true)
            : kind == typeof(ObservableUpDownCounter<>) || kind == typeof(Gauge<>) || kind == typeof(ObservableGauge<>) ? new BridgedFamily(instrument, "gauge")
            : kind == typeof(Histogram<>) ? new BridgedFamily(instrument, "histogram", bounds: (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray())
            : null;
    }

    /// <summary>A read of observable instruments begins: what they do not tell now is no more.</summary>
    public void Begin()
    {
        if (_isObservable)
        {
            _series.Clear();
        }
    }

    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, int mostSeries)
    {
        var key = Key(tags);
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= mostSeries)
            {
                return;
            }

            series = _series.GetOrAdd(key, static (_, a) => new Series(a.labels, a.buckets), (labels: Labels(tags), buckets: Kind == "histogram" ? new Buckets(_bounds) : null));
        }

        if (series.Buckets is { } buckets)
        {
            buckets.Record(value);
            return;
        }

        lock (series)
        {
            series.Value = _adds ? series.Value + value : value;
        }
    }

    /// <summary>As a family to write; null when nothing was recorded.</summary>
    public MetricFamily? Told() => _series.IsEmpty ? null : new MetricFamily(Name, Kind, _help, () => _series.Values.SelectMany(Samples));

    private static IEnumerable<MetricSample> Samples(Series series) => series.Buckets is { } buckets ? buckets.Samples(series.Labels) : [MetricSample.Of(series.Value, series.Labels)];

    private static string Key(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            _ = key.Append(name).Append('\u001f').Append(value).Append('\u001e');
        }

        return key.ToString();
    }

    /// <summary>Two tags may come to the same label: the first counts.</summary>
    private static (string Name, string Value)[] Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<(string Name, string Value)>();
        foreach (var (name, value) in tags)
        {
            var label = PrometheusText.NameOf(name);
            if (!labels.Exists(l => l.Name == label))
            {
                labels.Add((label, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? ""));
            }
        }

        return [.. labels];
    }
}
