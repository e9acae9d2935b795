using Omnisight.Messages;

namespace Omnisight.Perception.Prediction;

/// <summary>What could be done about an event, how much it would help, and what it would cost.</summary>
internal static class Interventions
{
    /// <summary>Nobody can do anything in less than this many seconds.</summary>
    private const double ReactionSeconds = 0.5;

    /// <summary>Adds what can still be done about a forecast to its timeline.</summary>
    public static void Add(ref TimelineSnapshot timeline, Forecast forecast, uint eventIndex, ulong nowMs)
    {
        foreach (var (type, effectiveness, cost, advice) in For(forecast))
        {
            // Halfway to the event there is still time to act, and the forecast has had time to prove wrong.
            var inSeconds = Math.Max(ReactionSeconds, forecast.InSeconds / 2);
            var inTime = forecast.InSeconds <= ReactionSeconds ? 0.5f : 1;
            timeline.Add(new InterventionPoint
            {
                TimestampMs = nowMs + (ulong)(inSeconds * 1000),
                Type = type,
                Effectiveness = effectiveness * inTime,
                Cost = cost,
                EventIndex = eventIndex,
                Recommendation = Text176.From(advice),
            });
        }
    }

    private static IEnumerable<(InterventionType Type, float Effectiveness, float Cost, string Advice)> For(Forecast forecast)
    {
        var who = string.Join(", ", forecast.Involved.Take(InvolvedIds.Length));
        switch (forecast.Type)
        {
            case EventType.Collision:
                yield return (InterventionType.DisplayWarning, 0.5f, 0.05f, $"Warn {who} of each other on the nearest display");
                if (forecast.Severity >= Severity.High)
                {
                    yield return (InterventionType.ActivateSpeaker, 0.7f, 0.1f, $"Call out to {who}: both move fast");
                }

                break;
            case EventType.Loitering:
                yield return (InterventionType.ActivateSpeaker, 0.6f, 0.1f, $"Ask {who} over the speaker whether help is needed");
                if (forecast.Severity >= Severity.Medium)
                {
                    yield return (InterventionType.AlertSecurity, 0.8f, 0.4f, $"Send someone to {who}, who does not move on");
                }

                break;
            case EventType.CrowdFormation:
                yield return (InterventionType.IncreaseLighting, 0.3f, 0.05f, "Light the place where people gather");
                if (forecast.Severity >= Severity.High)
                {
                    yield return (InterventionType.PositionGuard, 0.7f, 0.5f, $"Post a guard where {forecast.Involved.Count} people gather");
                }

                break;
        }
    }
}
