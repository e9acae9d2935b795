using System.Numerics;
using Omnisight.Messages;

namespace Omnisight.InteropPeer;

/// <summary>Frames whose every value derives from their number; peer.c and matrix.py have the same.</summary>
internal static class Pattern
{
    public static void Fill(DetectionFrame frame, uint n)
    {
        frame.Clear();
        (frame.FrameId, frame.TimestampMs, frame.Width, frame.Height) = (n, n * 1000ul, 640, 480);
        for (var i = 0u; i < n % 7; i++)
        {
            frame.Add(new DetectedObject
            {
                Id = (n * 100) + i,
                Class = (ObjectClass)((n + i) % 7),
                Confidence = ((n + i) % 100) / 128f,
                Bbox = new Box(((n + i) % 64) / 64f, i / 64f, 0.25f, 0.1f),
                TimestampMs = (n * 1000ul) + i,
            });
        }
    }

    public static void Fill(TrackFrame frame, uint n)
    {
        frame.Clear();
        (frame.TimestampMs, frame.Width, frame.Height) = (n * 1000ul, 640, 480);
        for (var i = 0u; i < n % 5; i++)
        {
            var box = new Box(((n + i) % 64) / 64f, 0.5f, 0.1f, 0.2f);
            frame.Add(new TrackedObject
            {
                TrackId = (n * 100) + i,
                Class = (ObjectClass)(i % 7),
                Bbox = box,
                PredictedBbox = box,
                Velocity = new Vector2((n % 8) / 8f, -(i / 8f)),
                Confidence = 0.5f,
                FrameCount = n,
                MissCount = i,
                Behaviors = (Behaviors)i,
                ThreatScore = i / 16f,
                FirstSeenMs = n,
                LastSeenMs = n * 1000ul,
                World = i % 2 == 0 ? TrackedObject.UnknownWorld : new Vector2(n % 100, i),
            });
        }
    }

    public static void Fill(TimelineFrame frame, uint n)
    {
        frame.Clear();
        (frame.TimestampMs, frame.Width, frame.Height) = (n * 1000ul, 640, 480);
        for (var i = 0u; i < (n % 3) + 1; i++)
        {
            var timeline = new TimelineSnapshot
            {
                TimelineId = (n * 10) + i,
                OverallProbability = 1f / (i + 1),
                PredictionStartMs = n,
                PredictionEndMs = n * 1000ul,
                WorstCaseSeverity = (Severity)(n % 5),
                TotalThreatScore = i / 4f,
            };
            for (var e = 0u; e <= i; e++)
            {
                var predicted = new PredictedEvent
                {
                    Type = (EventType)(n % 11),
                    Severity = (Severity)i,
                    TimestampMs = n + e,
                    Probability = 0.5f,
                    Location = new Vector2(0.25f, e / 8f),
                    Description = Text48.From($"event {n} {e}"),
                };
                _ = predicted.Involve(n);
                _ = timeline.Add(in predicted);
            }

            _ = timeline.Add(new InterventionPoint
            {
                TimestampMs = n,
                Type = (InterventionType)(n % 8),
                Effectiveness = 0.5f,
                Cost = 0.25f,
                EventIndex = i % 2 == 0 ? InterventionPoint.NoEvent : 0,
                Recommendation = Text176.From($"do {n}"),
            });
            frame.Add(in timeline);
        }
    }
}
