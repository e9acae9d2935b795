using System.Numerics;
using System.Runtime.InteropServices;

namespace Omnisight.Perception.Prediction;

/// <summary>How long each track has stayed near one place.</summary>
internal sealed class StandingClock
{
    /// <summary>Metres: swaying and a noisy box are still standing.</summary>
    private const float Radius = 0.8f;

    private readonly Dictionary<uint, (Vector2 Anchor, double Since, double Seen)> _tracks = [];

    /// <summary>Tells where a track is, and returns for how many seconds it has been there.</summary>
    public double Update(uint id, Vector2 place, double time)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_tracks, id, out var known);
        if (!known || Vector2.Distance(entry.Anchor, place) > Radius)
        {
            (entry.Anchor, entry.Since) = (place, time);
        }

        entry.Seen = time;
        return time - entry.Since;
    }

    /// <summary>Forgets tracks that were not seen since a time.</summary>
    public void Forget(double before)
    {
        foreach (var (id, entry) in _tracks)
        {
            if (entry.Seen < before)
            {
                _tracks.Remove(id);
            }
        }
    }
}
