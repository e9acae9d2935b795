using Omnisight.Messages;

namespace Omnisight.Perception.Prediction;

/// <summary>
/// Makes timelines of forecasts: forecasts that share somebody belong to one future; the futures are ranked by threat. A timeline keeps its id as long as
/// the same kind of thing is foretold of the same people.
/// </summary>
internal sealed class TimelineWriter
{
    private readonly Dictionary<(EventType, uint), uint> _ids = [];
    private readonly List<List<Forecast>> _futures = [];
    private uint _lastId;

    /// <summary>Fills a frame with the most threatening futures, as many as the channel takes.</summary>
    public void Write(IReadOnlyList<Forecast> forecasts, double horizonSeconds, ulong nowMs, TimelineFrame frame, int capacity)
    {
        Group(forecasts);
        frame.Clear();
        frame.TimestampMs = nowMs;
        var seen = new HashSet<(EventType, uint)>();
        foreach (var future in _futures.OrderByDescending(f => f.Sum(e => e.Threat)).Take(capacity))
        {
            KeepTheWorst(future);
            future.Sort((a, b) => a.InSeconds.CompareTo(b.InSeconds));
            var worst = future.MaxBy(f => f.Threat)!;
            var key = (worst.Type, worst.Involved.Min());
            seen.Add(key);
            if (!_ids.TryGetValue(key, out var id))
            {
                _ids[key] = id = ++_lastId;
            }

            frame.Add(Timeline(id, future, nowMs, nowMs + (ulong)(horizonSeconds * 1000)));
        }

        frame.Truncated = (uint)Math.Max(0, _futures.Count - capacity);
        foreach (var key in _ids.Keys.Where(k => !seen.Contains(k)).ToList())
        {
            _ids.Remove(key);
        }
    }

    private static void KeepTheWorst(List<Forecast> future)
    {
        if (future.Count > EventSlots.Length)
        {
            future.Sort((a, b) => b.Threat.CompareTo(a.Threat));
            future.RemoveRange(EventSlots.Length, future.Count - EventSlots.Length);
        }
    }

    private static TimelineSnapshot Timeline(uint id, List<Forecast> future, ulong nowMs, ulong endMs)
    {
        var timeline = new TimelineSnapshot
        {
            TimelineId = id,
            PredictionStartMs = nowMs,
            PredictionEndMs = endMs,
        };
        var nothingHappens = 1f;
        foreach (var forecast in future)
        {
            nothingHappens *= 1 - forecast.Probability;
            timeline.TotalThreatScore += forecast.Threat;
            if (forecast.Severity > timeline.WorstCaseSeverity)
            {
                timeline.WorstCaseSeverity = forecast.Severity;
            }

            var index = timeline.EventCount;
            if (timeline.Add(Event(forecast, nowMs)))
            {
                Interventions.Add(ref timeline, forecast, index, nowMs);
            }
        }

        timeline.OverallProbability = 1 - nothingHappens;
        return timeline;
    }

    private static PredictedEvent Event(Forecast forecast, ulong nowMs)
    {
        var predicted = new PredictedEvent
        {
            Type = forecast.Type,
            Severity = forecast.Severity,
            TimestampMs = nowMs + (ulong)(forecast.InSeconds * 1000),
            Probability = forecast.Probability,
            Location = forecast.Location,
            Description = Text48.From(forecast.Description),
        };
        foreach (var id in forecast.Involved)
        {
            if (!predicted.Involve(id))
            {
                break;
            }
        }

        return predicted;
    }

    private void Group(IReadOnlyList<Forecast> forecasts)
    {
        _futures.Clear();
        foreach (var forecast in forecasts)
        {
            var joined = _futures.Where(f => f.Any(e => e.Involved.Intersect(forecast.Involved).Any())).ToList();
            var home = joined.Count > 0 ? joined[0] : [];
            if (joined.Count == 0)
            {
                _futures.Add(home);
            }

            foreach (var other in joined.Skip(1))
            {
                home.AddRange(other);
                _futures.Remove(other);
            }

            home.Add(forecast);
        }
    }
}
