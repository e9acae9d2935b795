using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>
/// This process's other Omnisight.* meters (the kernel's, other plugins'): counters and histograms are added up as they are recorded,
/// observable instruments are read when /metrics is asked. An instrument that throws costs its own series, no other.
/// </summary>
internal sealed partial class MeterBridge : IDisposable
{
    /// <summary>A plugin that labels by something unbounded must not fill the memory.</summary>
    private const int MostSeries = 2000;

    private readonly ConcurrentDictionary<string, BridgedFamily> _families = new();
    private readonly Lock _reading = new();
    private readonly Warnings _warnings;
    private readonly ILogger _logger;
    private MeterListener? _listener;

    public MeterBridge(TimeProvider time, ILogger logger)
    {
        _warnings = new Warnings(time);
        _logger = logger;
    }

    /// <summary>Listens from now on. Not at once when made: an answer to the first request need not wait for it.</summary>
    public void Listen()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name.StartsWith("Omnisight.", StringComparison.Ordinal) && instrument.Meter.Name != ApiTelemetry.Name && BridgedFamily.Of(instrument) is { } family)
                {
                    listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
                }
            },
        };
        Listen<byte>(_listener, v => v);
        Listen<short>(_listener, v => v);
        Listen<int>(_listener, v => v);
        Listen<long>(_listener, v => v);
        Listen<float>(_listener, v => v);
        Listen<double>(_listener, v => v);
        Listen<decimal>(_listener, v => (double)v);
        _listener.Start();
    }

    /// <summary>What there is to tell now, by name.</summary>
    public IReadOnlyList<MetricFamily> Read()
    {
        lock (_reading)
        {
            foreach (var family in _families.Values)
            {
                family.Begin();
            }

            try
            {
                _listener?.RecordObservableInstruments();
            }
            catch (AggregateException e)
            {
                // The others were read all the same.
                if (_warnings.ShouldTell("instrument"))
                {
                    LogInstrument(_logger, e.InnerExceptions[0].Message);
                }
            }

            return [.. _families.Values.Select(f => f.Told()).OfType<MetricFamily>().OrderBy(f => f.Name, StringComparer.Ordinal)];
        }
    }

    public void Dispose() => _listener?.Dispose();

    private static void Listen<T>(MeterListener listener, Func<T, double> number)
        where T : struct => listener.SetMeasurementEventCallback<T>((_, value, tags, state) => (state as BridgedFamily)?.Add(number(value), tags, MostSeries));

    [LoggerMessage(EventId = 6401, Level = LogLevel.Warning, Message = "an instrument of a plugin could not be read: {Reason}; further ones are left out of /metrics without a line for a minute")]
    private static partial void LogInstrument(ILogger logger, string reason);
}
