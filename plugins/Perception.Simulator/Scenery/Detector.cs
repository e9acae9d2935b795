using System.Runtime.InteropServices;
using Omnisight.Messages;

namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>Turns the truth into what a detector would report: misses, jitter, false alarms, and less confidence in what is half hidden.</summary>
internal sealed class Detector(int seed, int width, int height)
{
    /// <summary>Hidden by more than this, a walker is lost on every detector.</summary>
    private const float LostWhenHidden = 0.75f;

    /// <summary>No frame has more false alarms than this.</summary>
    private const int MostFalseAlarms = 20;

    private readonly List<(Box, float)> _falseAlarms = [];

    /// <summary>Fills in what each sighting looks like to the detector.</summary>
    public void Detect(long frame, List<Sighting> sightings, DetectorNoise noise)
    {
        var all = CollectionsMarshal.AsSpan(sightings);
        for (var i = 0; i < all.Length; i++)
        {
            var hidden = Hidden(all, i);
            all[i] = all[i] with { Hidden = hidden, Detected = Look(frame, all[i], hidden, noise) };
        }
    }

    /// <summary>The boxes around nothing.</summary>
    public IReadOnlyList<(Box Box, float Confidence)> FalseAlarms(long frame, DetectorNoise noise)
    {
        _falseAlarms.Clear();
        var chance = new Chance(seed, Draw.FalseAlarm, frame);

        // A Poisson number by multiplying uniform ones (Knuth).
        var limit = Math.Exp(-noise.FalseAlarmsPerFrame);
        var product = chance.Uniform();
        for (var n = 1; product > limit && n <= MostFalseAlarms; n++)
        {
            var at = new Chance(seed, Draw.FalseAlarm, frame, n);
            var boxHeight = (float)at.Between(0.08, 0.35, 0);
            var boxWidth = boxHeight * 0.4f * height / width;
            var box = new Box((float)at.Between(0, 1 - boxWidth, 1), (float)at.Between(0.2, 1 - boxHeight, 2), boxWidth, boxHeight);
            _falseAlarms.Add((box, (float)at.Between(0.15, 0.55, 3)));
            product *= chance.Uniform(n);
        }

        return _falseAlarms;
    }

    private (Box, float)? Look(long frame, in Sighting sighting, float hidden, DetectorNoise noise)
    {
        var missed = new Chance(seed, Draw.Miss, frame, sighting.Walker.Id).Uniform() < noise.MissRate + (0.5 * hidden);
        if (missed || hidden > LostWhenHidden)
        {
            return null;
        }

        var chance = new Chance(seed, Draw.Jitter, frame, sighting.Walker.Id);
        var (dx, dy) = (noise.JitterPixels / width, noise.JitterPixels / height);
        var left = sighting.Box.X + (dx * chance.Normal(0));
        var top = sighting.Box.Y + (dy * chance.Normal(1));
        var right = Math.Max(left + (1.0 / width), sighting.Box.Right + (dx * chance.Normal(2)));
        var bottom = Math.Max(top + (1.0 / height), sighting.Box.Bottom + (dy * chance.Normal(3)));
        var confidence = 0.95 - (0.4 * hidden) - (0.008 * sighting.Place.Y) + (0.04 * new Chance(seed, Draw.Confidence, frame, sighting.Walker.Id).Normal());
        return (new Box((float)left, (float)top, (float)(right - left), (float)(bottom - top)), (float)Math.Clamp(confidence, 0.05, 0.99));
    }

    private static float Hidden(ReadOnlySpan<Sighting> all, int i)
    {
        var hidden = 0f;
        foreach (ref readonly var other in all)
        {
            if (other.Place.Y < all[i].Place.Y)
            {
                hidden = Math.Max(hidden, all[i].Box.CoveredBy(other.Box));
            }
        }

        return hidden;
    }
}
