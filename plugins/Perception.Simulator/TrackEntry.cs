using Omnisight.Perception.Simulator.Scenery;

namespace Omnisight.Perception.Simulator;

/// <summary>What a tracker remembers of one walker in view.</summary>
internal sealed class TrackEntry(double firstSeen)
{
    /// <summary>Scene time in seconds.</summary>
    public double FirstSeen { get; } = firstSeen;

    /// <summary>Scene time in seconds of the last detection.</summary>
    public double LastSeen { get; private set; } = firstSeen;

    public uint Frames { get; private set; }

    /// <summary>Frames without a detection since the last one.</summary>
    public uint Misses { get; private set; }

    public float Confidence { get; private set; } = 0.5f;

    /// <summary>How long it has stood in one place.</summary>
    public double StandingSeconds { get; private set; }

    public void Update(in Sighting sighting, double time, double standingSeconds)
    {
        // Trust follows the detections slowly, and fades while there are none.
        const float Follow = 0.3f, Fade = 0.95f;
        Frames++;
        StandingSeconds = standingSeconds;
        if (sighting.Detected is { } detected)
        {
            Misses = 0;
            LastSeen = time;
            Confidence += Follow * (detected.Confidence - Confidence);
        }
        else
        {
            Misses++;
            Confidence *= Fade;
        }
    }
}
