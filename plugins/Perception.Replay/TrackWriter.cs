using System.Numerics;
using Omnisight.Messages;
using Omnisight.Perception.Prediction;
using Omnisight.Perception.Replay.Mot;

namespace Omnisight.Perception.Replay;

/// <summary>Makes tracks of a sequence's identities: the file says who is where, the velocity is estimated.</summary>
internal sealed class TrackWriter(SequenceInfo info)
{
    private readonly Dictionary<uint, Motion> _motions = [];
    private readonly StandingClock _standing = new();

    public TrackFrame Frame { get; } = new() { Width = (ushort)info.Width, Height = (ushort)info.Height };

    /// <summary>Those whose next seconds can be predicted.</summary>
    public List<Agent> Agents { get; } = [];

    /// <summary>Begins anew: the next frame has nothing to do with the one before.</summary>
    public void Reset()
    {
        _motions.Clear();
        _standing.Forget(double.PositiveInfinity);
    }

    /// <summary>Takes one frame of the sequence.</summary>
    /// <param name="number">The frame's number in the sequence.</param>
    /// <param name="rows">What there is in it.</param>
    /// <param name="rate">Frames per second at which it is shown.</param>
    /// <param name="nowMs">Unix epoch milliseconds.</param>
    public void Write(int number, IReadOnlyList<MotRow> rows, double rate, ulong nowMs)
    {
        Frame.Clear();
        Frame.Truncated = 0;
        Frame.TimestampMs = nowMs;
        Agents.Clear();
        foreach (var row in rows)
        {
            if (row.Id is not { } id)
            {
                continue;
            }

            if (!_motions.TryGetValue(id, out var motion))
            {
                _motions[id] = motion = new Motion(number, (double)info.Width / info.Height);
            }
            else if (motion.LastFrame == number)
            {
                // One identity is in one place: the second of two boxes would make it jump, and readers know tracks by their id.
                continue;
            }

            var misses = (uint)Math.Max(0, number - motion.LastFrame - 1);
            motion.Update(number, row.Box);
            var standing = _standing.Update(id, motion.Place, number / info.FrameRate);
            Frame.Add(Track(id, row, motion, misses, standing, rate, nowMs));
            Agents.Add(new Agent
            {
                Id = id,
                Place = motion.Place,
                Velocity = motion.Velocity * (float)info.FrameRate,
                ImagePlace = new Vector2(row.Box.X + (row.Box.Width / 2), row.Box.Y + row.Box.Height),
                ImageVelocity = motion.ImageVelocity * (float)info.FrameRate,
                StandingSeconds = standing,
            });
        }
    }

    private static TrackedObject Track(uint id, MotRow row, Motion motion, uint misses, double standing, double rate, ulong nowMs) => new()
    {
        TrackId = id,
        Class = ObjectClass.Person,
        Bbox = row.Box,
        PredictedBbox = row.Box with { X = InReach(row.Box.X + motion.ImageVelocity.X), Y = InReach(row.Box.Y + motion.ImageVelocity.Y) },
        Velocity = motion.ImageVelocity * (float)rate,
        Confidence = row.Confidence,
        FrameCount = motion.Frames,
        MissCount = misses,
        Behaviors = standing >= EventPredictor.LoiteringAfterSeconds ? Behaviors.Loitering : Behaviors.None,
        ThreatScore = (float)Math.Min(0.5, standing / EventPredictor.LoiteringAfterSeconds * 0.1),
        FirstSeenMs = nowMs - (ulong)((motion.LastFrame - motion.FirstFrame) / rate * 1000),
        LastSeenMs = nowMs,
        World = TrackedObject.UnknownWorld,
    };

    /// <summary>A reader drops a track with a box further out than this, though only its prediction is there.</summary>
    private static float InReach(float place) => Math.Clamp(place, MotRow.LeastPlace, MotRow.MostPlace);
}
