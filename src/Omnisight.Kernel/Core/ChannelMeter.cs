using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel.Core;

/// <summary>Rates and staleness of one process's channels, from counters that the data path writes anyway. One thread ticks, any thread reads the result.</summary>
internal sealed class ChannelMeter(NodeChannels channels, TimeProvider time)
{
    private readonly Dictionary<string, Track> _tracks = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<ChannelReading> _readings = [];
    private long _lastTick = time.GetTimestamp();

    /// <summary>As of the last tick.</summary>
    public IReadOnlyList<ChannelReading> Readings => _readings;

    /// <summary>Measures. Call it about once a second.</summary>
    public IReadOnlyList<ChannelReading> Tick()
    {
        var elapsed = time.GetElapsedTime(_lastTick).TotalSeconds;
        _lastTick = time.GetTimestamp();
        var readers = channels.Readers.Totals();
        var publishers = channels.Publishers.All.ToDictionary(p => p.Channel.Name.Value, StringComparer.Ordinal);
        var readings = new List<ChannelReading>();
        foreach (var name in publishers.Keys.Union(readers.Keys).Order(StringComparer.Ordinal))
        {
            var publisher = publishers.GetValueOrDefault(name);
            var read = readers.GetValueOrDefault(name) ?? new ReaderTotals();
            var track = _tracks.TryGetValue(name, out var known) ? known : _tracks[name] = new Track();
            var values = publisher is null ? read.Values : Volatile.Read(ref publisher.Counters.Values);
            track.Advance(values, elapsed, publisher?.Channel, time);
            readings.Add(new ChannelReading(name, publisher?.Channel.MessageId ?? "", publisher?.Counters, read, track.Hz, track.StaleCount));
        }

        return _readings = readings;
    }

    private sealed class Track
    {
        private long _values;
        private long _changedAt;
        private bool _isStale;

        public double Hz { get; private set; }

        public long StaleCount { get; private set; }

        public void Advance(long values, double seconds, ChannelSpec? published, TimeProvider time)
        {
            Hz = seconds > 0 ? Math.Round((values - _values) / seconds, 2) : 0;
            if (values != _values || _changedAt == 0)
            {
                (_values, _changedAt, _isStale) = (values, time.GetTimestamp(), false);
            }
            else if (!_isStale && published is { Period.Ticks: > 0 } && time.GetElapsedTime(_changedAt) > published.StaleThreshold)
            {
                _isStale = true;
                StaleCount++;
            }
        }
    }
}

/// <summary>One channel of this process.</summary>
/// <param name="Name">The channel.</param>
/// <param name="MessageId">What this process publishes on it; empty when it only reads.</param>
/// <param name="Published">Its publisher's counters; null when it only reads.</param>
/// <param name="Read">What its readers counted.</param>
/// <param name="Hz">Values per second, published or, where it only reads, read.</param>
/// <param name="StaleCount">How often its publisher fell silent for longer than the stale threshold.</param>
internal sealed record ChannelReading(string Name, string MessageId, ChannelCounters? Published, ReaderTotals Read, double Hz, long StaleCount);
