using System.Numerics;
using Omnisight.Messages;
using Omnisight.Perception.Prediction;
using Omnisight.Perception.Simulator.Scenery;

namespace Omnisight.Perception.Simulator;

/// <summary>Puts what the scene shows into the frames that are published.</summary>
internal sealed class FrameWriter(Scene scene)
{
    /// <summary>Faster than this is running, in metres per second.</summary>
    private const float RunningSpeed = 2.5f;

    private readonly Dictionary<uint, TrackEntry> _tracks = [];
    private readonly StandingClock _standing = new();
    private readonly List<Agent> _agents = [];

    public DetectionFrame Detections { get; } = new();

    public TrackFrame Tracks { get; } = new();

    /// <summary>The people in view, whose next seconds are predicted: a dog that waits does not loiter.</summary>
    public List<Agent> Agents => _agents;

    /// <summary>Takes over the scene's newest frame.</summary>
    public void Write(double confidenceThreshold, ulong nowMs)
    {
        WriteDetections(confidenceThreshold, nowMs);
        WriteTracks(nowMs);
    }

    private void WriteDetections(double confidenceThreshold, ulong nowMs)
    {
        Detections.Clear();
        Detections.Truncated = 0;
        Detections.FrameId = (ulong)scene.Frame;
        Detections.TimestampMs = nowMs;
        (Detections.Width, Detections.Height) = ((ushort)scene.Width, (ushort)scene.Height);

        // Compared as what a reader sees, a float: 0.7 as a double is another number.
        var threshold = (float)confidenceThreshold;
        foreach (var sighting in scene.Sightings)
        {
            if (sighting.Detected is { } detected)
            {
                Add(detected.Box, detected.Confidence, ClassOf(sighting.Walker));
            }
        }

        foreach (var (box, confidence) in scene.FalseAlarms)
        {
            Add(box, confidence, ObjectClass.Person);
        }

        void Add(Box box, float confidence, ObjectClass objectClass)
        {
            if (confidence >= threshold)
            {
                Detections.Add(new DetectedObject { Id = (uint)Detections.Count + 1, Class = objectClass, Confidence = confidence, Bbox = box, TimestampMs = nowMs });
            }
        }
    }

    private void WriteTracks(ulong nowMs)
    {
        Tracks.Clear();
        Tracks.Truncated = 0;
        Tracks.TimestampMs = nowMs;
        (Tracks.Width, Tracks.Height) = ((ushort)scene.Width, (ushort)scene.Height);
        _agents.Clear();
        foreach (var sighting in scene.Sightings)
        {
            var id = sighting.Walker.Id;
            if (!_tracks.TryGetValue(id, out var entry))
            {
                // A track begins with a detection.
                if (sighting.Detected is null)
                {
                    continue;
                }

                _tracks[id] = entry = new TrackEntry(scene.Time);
            }

            entry.Update(sighting, scene.Time, _standing.Update(id, sighting.Place, scene.Time));
            Tracks.Add(Track(sighting, entry, nowMs));
            if (!sighting.Walker.IsAnimal)
            {
                _agents.Add(new Agent
                {
                    Id = id,
                    Place = sighting.Place,
                    Velocity = sighting.Velocity,
                    ImagePlace = new Vector2(sighting.Box.X + (sighting.Box.Width / 2), sighting.Box.Bottom),
                    ImageVelocity = sighting.ImageVelocity,
                    StandingSeconds = entry.StandingSeconds,
                });
            }
        }

        ForgetThoseWhoLeft();
    }

    private TrackedObject Track(in Sighting sighting, TrackEntry entry, ulong nowMs)
    {
        var behaviors = sighting.Velocity.Length() > RunningSpeed ? Behaviors.Running : Behaviors.None;
        if (!sighting.Walker.IsAnimal && entry.StandingSeconds >= EventPredictor.LoiteringAfterSeconds)
        {
            behaviors |= Behaviors.Loitering;
        }

        return new TrackedObject
        {
            TrackId = sighting.Walker.Id,
            Class = ClassOf(sighting.Walker),
            Bbox = sighting.Box,
            PredictedBbox = sighting.NextBox,
            Velocity = sighting.ImageVelocity,
            Confidence = entry.Confidence,
            FrameCount = entry.Frames,
            MissCount = entry.Misses,
            Behaviors = behaviors,
            ThreatScore = sighting.Walker.IsAnimal ? 0 : ThreatOf(behaviors, entry.StandingSeconds),
            FirstSeenMs = Before(entry.FirstSeen),
            LastSeenMs = Before(entry.LastSeen),
            World = sighting.Place,
        };

        ulong Before(double sceneTime) => nowMs - (ulong)((scene.Time - sceneTime) * 1000);
    }

    private static float ThreatOf(Behaviors behaviors, double standingSeconds) =>
        (behaviors.HasFlag(Behaviors.Running) ? 0.4f : 0) + (float)Math.Min(0.5, standingSeconds / EventPredictor.LoiteringAfterSeconds * 0.1);

    private void ForgetThoseWhoLeft()
    {
        if (_tracks.Count == Tracks.Count)
        {
            return;
        }

        var inView = new HashSet<uint>(Tracks.Count);
        foreach (ref readonly var track in Tracks.Tracks)
        {
            inView.Add(track.TrackId);
        }

        foreach (var id in _tracks.Keys)
        {
            if (!inView.Contains(id))
            {
                _tracks.Remove(id);
            }
        }

        _standing.Forget(scene.Time);
    }

    private static ObjectClass ClassOf(Walker walker) => walker.IsAnimal ? ObjectClass.Animal : ObjectClass.Person;
}
