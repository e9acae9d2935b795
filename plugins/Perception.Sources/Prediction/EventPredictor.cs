using System.Numerics;
using Omnisight.Messages;

namespace Omnisight.Perception.Prediction;

/// <summary>
/// What a scene's own velocities say about its next seconds: collisions by time to closest approach, loitering by the time
/// somebody has stood, crowds by where all are heading. Straight extrapolation, so confidence fades with the time ahead.
/// </summary>
internal sealed class EventPredictor(double horizonSeconds)
{
    /// <summary>Standing for so long is loitering.</summary>
    public const double LoiteringAfterSeconds = 10;

    /// <summary>Standing for less than this says nothing yet.</summary>
    private const double LoiteringShowsAfterSeconds = 3;

    /// <summary>Metres between the centres of two people who touch.</summary>
    private const float Contact = 0.5f;

    /// <summary>Below this relative speed (m/s) two people walk together and do not collide.</summary>
    private const float WalkingTogether = 0.5f;

    /// <summary>So many within <see cref="CrowdRadius"/> metres are a crowd.</summary>
    private const int CrowdSize = 3;

    private const float CrowdRadius = 2;

    /// <summary>Seconds after which half of what a straight line foretells no longer holds.</summary>
    private const double HalfLife = 6;

    /// <summary>What is less likely than this is not foretold.</summary>
    private const double WorthTelling = 0.05;

    private readonly List<Forecast> _forecasts = [];

    /// <summary>All that may happen within the horizon, in no order. The list is reused by the next call.</summary>
    public IReadOnlyList<Forecast> Predict(List<Agent> agents)
    {
        _forecasts.Clear();
        for (var i = 0; i < agents.Count; i++)
        {
            Loitering(agents[i]);
            for (var j = i + 1; j < agents.Count; j++)
            {
                Collision(agents[i], agents[j]);
            }
        }

        Crowds(agents);
        return _forecasts;
    }

    private void Loitering(Agent agent)
    {
        if (agent.StandingSeconds < LoiteringShowsAfterSeconds)
        {
            return;
        }

        var left = Math.Max(0, LoiteringAfterSeconds - agent.StandingSeconds);
        if (left > horizonSeconds)
        {
            return;
        }

        _forecasts.Add(new Forecast
        {
            Type = EventType.Loitering,
            Severity = agent.StandingSeconds > 3 * LoiteringAfterSeconds ? Severity.Medium : Severity.Low,
            InSeconds = left,
            Probability = (float)Math.Clamp(agent.StandingSeconds / LoiteringAfterSeconds * 0.9, 0, 0.95),
            Location = agent.ImagePlace,
            Involved = [agent.Id],
            Description = $"{agent.Id} has stood for {agent.StandingSeconds:0} s",
        });
    }

    private void Collision(Agent a, Agent b)
    {
        var (place, velocity) = (b.Place - a.Place, b.Velocity - a.Velocity);
        var speed = velocity.Length();
        if (speed < WalkingTogether)
        {
            return;
        }

        // The distance |place + velocity t| is least where its derivative is zero.
        var seconds = -Vector2.Dot(place, velocity) / (speed * speed);
        var miss = (place + (velocity * seconds)).Length();
        if (seconds <= 0 || seconds > horizonSeconds || miss > 3 * Contact)
        {
            return;
        }

        var probability = Math.Exp(-0.5 * Math.Pow(miss / Contact, 2)) * Fade(seconds);
        if (probability < WorthTelling)
        {
            return;
        }

        _forecasts.Add(new Forecast
        {
            Type = EventType.Collision,
            Severity = speed > 4 ? Severity.High : speed > 2 ? Severity.Medium : Severity.Low,
            InSeconds = seconds,
            Probability = (float)probability,
            Location = (a.ImagePlaceIn(seconds) + b.ImagePlaceIn(seconds)) / 2,
            Involved = [a.Id, b.Id],
            Description = $"{a.Id} and {b.Id} within {miss:0.0} m at {speed:0.0} m/s",
        });
    }

    private void Crowds(List<Agent> agents)
    {
        var taken = new HashSet<uint>();
        for (var seconds = 0; seconds <= horizonSeconds; seconds++)
        {
            foreach (var centre in agents)
            {
                if (taken.Contains(centre.Id))
                {
                    continue;
                }

                var middle = centre.PlaceIn(seconds);
                var image = Vector2.Zero;
                var members = new List<uint>();
                foreach (var other in agents)
                {
                    if (!taken.Contains(other.Id) && Vector2.Distance(other.PlaceIn(seconds), middle) <= CrowdRadius)
                    {
                        members.Add(other.Id);
                        image += other.ImagePlaceIn(seconds);
                    }
                }

                if (members.Count < CrowdSize)
                {
                    continue;
                }

                taken.UnionWith(members);
                _forecasts.Add(new Forecast
                {
                    Type = EventType.CrowdFormation,
                    Severity = members.Count >= 2 * CrowdSize ? Severity.High : members.Count > CrowdSize ? Severity.Medium : Severity.Low,
                    InSeconds = seconds,
                    Probability = (float)(0.9 * Fade(seconds)),
                    Location = image / members.Count,
                    Involved = members,
                    Description = $"{members.Count} people within {CrowdRadius:0} m",
                });
            }
        }
    }

    private static double Fade(double seconds) => Math.Pow(0.5, seconds / HalfLife);
}
