using System.Numerics;

namespace Omnisight.Messages.Tests;

/// <summary>Frames whose every value derives from its place, the same on every run.</summary>
internal static class SampleFrames
{
    public const ulong Epoch2025 = 1_761_100_000_000;

    public static DetectionFrame Detections(int count)
    {
        var frame = new DetectionFrame { FrameId = 42, TimestampMs = Epoch2025, Width = 1920, Height = 1080 };
        for (var i = 0; i < count; i++)
        {
            var element = new DetectedObject
            {
                Id = (uint)i + 1,
                Class = (ObjectClass)(i % 7),
                Confidence = 1f - (i / 128f),
                Bbox = new Box((i % 50) * 0.017f, 0.1f + ((i % 50) * 0.003f), 0.05f, 0.2f / (i + 1)),
                TimestampMs = Epoch2025 + (ulong)i,
            };
            if (i % 3 == 1)
            {
                Fill(ref element.Appearance, i);
            }

            frame.Add(in element);
        }

        return frame;
    }

    public static TrackFrame Tracks(int count)
    {
        var frame = new TrackFrame { TimestampMs = Epoch2025 + 100, Width = 640, Height = 480 };
        for (var i = 0; i < count; i++)
        {
            var element = new TrackedObject
            {
                TrackId = (uint)i + 100,
                Class = (ObjectClass)(i % 7),
                Bbox = new Box(0.9f - (i * 0.013f), 0.3f, 0.04f, 0.11f),
                PredictedBbox = new Box(0.9f - (i * 0.0131f), 0.3001f, 0.04f, 0.11f),
                Velocity = new Vector2(-0.01f * i, 1f / (i + 3)),
                Confidence = 0.5f + (i / 256f),
                FrameCount = (uint)(10 * i),
                MissCount = (uint)(i % 4),
                Behaviors = (Behaviors)(i * 5),
                ThreatScore = i / 64f,
                FirstSeenMs = Epoch2025 - (ulong)(1000 * i),
                LastSeenMs = Epoch2025,
                World = i % 2 == 0 ? TrackedObject.UnknownWorld : new Vector2(i * 0.7f, -12.25f),
            };
            if (i % 4 == 2)
            {
                Fill(ref element.Appearance, i);
            }

            frame.Add(in element);
        }

        return frame;
    }

    public static TimelineFrame Timelines(int count)
    {
        var frame = new TimelineFrame { TimestampMs = Epoch2025 + 1000, Width = 1280, Height = 720 };
        for (var i = 0; i < count; i++)
        {
            frame.Add(Timeline(i));
        }

        return frame;
    }

    public static VideoFrame Video()
    {
        var frame = new VideoFrame
        {
            Header = new VideoHeader { FrameId = 9, TimestampMs = Epoch2025, Width = 4, Height = 2, Stride = 12, Format = PixelFormat.Bgr24 },
        };
        var data = frame.Resize(24);
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = (byte)(i * 11);
        }

        return frame;
    }

    private static TimelineSnapshot Timeline(int i)
    {
        var timeline = new TimelineSnapshot
        {
            TimelineId = (uint)i + 7,
            OverallProbability = 0.9f / (i + 1),
            PredictionStartMs = Epoch2025,
            PredictionEndMs = Epoch2025 + 30_000,
            WorstCaseSeverity = (Severity)(i % 6),
            TotalThreatScore = 0.1f * i,
        };
        for (var e = 0; e < (i * 5) % (EventSlots.Length + 1); e++)
        {
            var predicted = new PredictedEvent
            {
                Type = (EventType)((i + e) % 12),
                Severity = (Severity)(e % 6),
                TimestampMs = Epoch2025 + (ulong)(1000 * e),
                Probability = 1f / (e + 1),
                Location = new Vector2(0.1f * e, 0.25f),
                Description = Text48.From(e % 2 == 0 ? $"event {e} of \"{i}\"" : $"Zürich → Gleis {e}: näher als erlaubt, dann länger"),
            };
            for (var t = 0; t < e % (InvolvedIds.Length + 1); t++)
            {
                _ = predicted.Involve((uint)(100 + t));
            }

            _ = timeline.Add(in predicted);
        }

        for (var p = 0; p < (i * 3) % (InterventionSlots.Length + 1); p++)
        {
            var point = new InterventionPoint
            {
                TimestampMs = Epoch2025 + (ulong)(500 * p),
                Type = (InterventionType)((i + p) % 9),
                Effectiveness = 0.8f - (p * 0.05f),
                Cost = 0.05f * p,
                EventIndex = p < timeline.EventCount ? (uint)p : InterventionPoint.NoEvent,
                Recommendation = Text176.From($"recommendation {p}: turn the light on & call <security>"),
            };
            _ = timeline.Add(in point);
        }

        return timeline;
    }

    private static void Fill(ref Appearance appearance, int seed)
    {
        for (var k = 0; k < Appearance.Length; k++)
        {
            appearance[k] = (sbyte)((((seed * 31) + (k * 7)) % 255) - 127);
        }
    }
}
