using System.Numerics;
using CsCheck;

namespace Omnisight.Messages.Tests;

/// <summary>Random frames whose values are in range, up to the edges of it.</summary>
internal static class Generate
{
    private static readonly Gen<float> Coordinate = Gen.OneOf(Gen.Float[-1f, 2f], Of(-1f, 2f, 0f, -0f, float.Epsilon));
    private static readonly Gen<float> Finite = Gen.OneOf(Gen.UInt.Select(BitConverter.UInt32BitsToSingle).Where(float.IsFinite), Of(0f, -0f, float.MaxValue, float.MinValue, float.Epsilon));
    private static readonly Gen<Box> Box = Gen.Select(Coordinate, Coordinate, Coordinate, Coordinate, (x, y, w, h) => new Box(x, y, w, h));
    private static readonly Gen<Vector2> Vector = Gen.Select(Finite, Finite, (x, y) => new Vector2(x, y));
    private static readonly Gen<sbyte[]> AppearanceBytes = Gen.OneOf(Gen.SByte.Array[Appearance.Length], Gen.Const(new sbyte[Appearance.Length]));

    private static readonly Gen<DetectedObject> Detection = Gen.Select(Gen.UInt, Gen.UInt[0, 9], Finite, Box, Gen.ULong, AppearanceBytes, (id, type, confidence, box, ms, look) =>
    {
        var element = new DetectedObject { Id = id, Class = (ObjectClass)type, Confidence = confidence, Bbox = box, TimestampMs = ms };
        look.CopyTo(element.Appearance);
        return element;
    });

    private static readonly Gen<TrackedObject> Track = Gen.Select(
        Gen.Select(Gen.UInt, Gen.UInt, Gen.UInt, Gen.UInt),
        Gen.Select(Finite, Finite),
        Gen.Select(Box, Box),
        Gen.Select(Vector, Gen.OneOf(Vector, Gen.Const(TrackedObject.UnknownWorld))),
        Gen.Select(Gen.ULong, Gen.ULong),
        AppearanceBytes,
        (ids, scores, boxes, vectors, times, look) =>
        {
            var element = new TrackedObject
            {
                TrackId = ids.Item1,
                FrameCount = ids.Item2,
                MissCount = ids.Item3,
                Behaviors = (Behaviors)ids.Item4,
                Class = (ObjectClass)ids.Item3,
                Confidence = scores.Item1,
                ThreatScore = scores.Item2,
                Bbox = boxes.Item1,
                PredictedBbox = boxes.Item2,
                Velocity = vectors.Item1,
                World = vectors.Item2,
                FirstSeenMs = times.Item1,
                LastSeenMs = times.Item2,
            };
            look.CopyTo(element.Appearance);
            return element;
        });

    private static readonly Gen<PredictedEvent> Event = Gen.Select(Gen.Select(Gen.UInt, Gen.UInt, Gen.UInt[0, 4]), Gen.ULong, Finite, Vector, Gen.UInt.Array[4], Gen.String, (ids, ms, probability, location, involved, text) =>
    {
        var element = new PredictedEvent
        {
            Type = (EventType)ids.Item1,
            Severity = (Severity)ids.Item2,
            TimestampMs = ms,
            Probability = probability,
            Location = location,
            Description = Text48.From(text),
        };
        foreach (var id in involved.Take((int)ids.Item3))
        {
            _ = element.Involve(id);
        }

        return element;
    });

    private static readonly Gen<InterventionPoint> Intervention = Gen.Select(Gen.ULong, Gen.UInt, Finite, Finite, Gen.String, (ms, type, effect, cost, text) => new InterventionPoint
    {
        TimestampMs = ms,
        Type = (InterventionType)type,
        Effectiveness = effect,
        Cost = cost,
        EventIndex = InterventionPoint.NoEvent,
        Recommendation = Text176.From(text),
    });

    private static readonly Gen<TimelineSnapshot> Timeline = Gen.Select(
        Gen.Select(Gen.UInt, Gen.UInt), Gen.Select(Finite, Finite), Gen.Select(Gen.ULong, Gen.ULong), Event.Array[0, EventSlots.Length], Intervention.Array[0, InterventionSlots.Length],
        (ids, scores, times, events, points) =>
        {
            var element = new TimelineSnapshot
            {
                TimelineId = ids.Item1,
                WorstCaseSeverity = (Severity)ids.Item2,
                OverallProbability = scores.Item1,
                TotalThreatScore = scores.Item2,
                PredictionStartMs = times.Item1,
                PredictionEndMs = times.Item2,
            };
            foreach (var e in events)
            {
                _ = element.Add(in e);
            }

            foreach (var p in points)
            {
                var point = p;
                point.EventIndex = p.Type == 0 || events.Length == 0 ? InterventionPoint.NoEvent : (uint)(p.TimestampMs % (ulong)events.Length);
                _ = element.Add(in point);
            }

            return element;
        });

    public static readonly Gen<DetectionFrame> DetectionFrame = Gen.Select(Header, Gen.ULong, Detection.Array[0, 50], (h, id, elements) => Frame(new DetectionFrame { FrameId = id }, h, elements));

    public static readonly Gen<TrackFrame> TrackFrame = Gen.Select(Header, Track.Array[0, 50], (h, elements) => Frame(new TrackFrame(), h, elements));

    public static readonly Gen<TimelineFrame> TimelineFrame = Gen.Select(Header, Timeline.Array[0, 5], (h, elements) => Frame(new TimelineFrame(), h, elements));

    private static Gen<(ulong, ushort, ushort, uint)> Header => Gen.Select(Gen.ULong, Gen.UShort, Gen.UShort, Gen.UInt);

    private static Gen<float> Of(params float[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static TFrame Frame<TFrame, TElement>(TFrame frame, (ulong Ms, ushort Width, ushort Height, uint Truncated) header, TElement[] elements)
        where TFrame : ElementFrame<TElement>
        where TElement : unmanaged
    {
        (frame.TimestampMs, frame.Width, frame.Height, frame.Truncated) = header;
        foreach (ref var element in elements.AsSpan())
        {
            frame.Add(in element);
        }

        return frame;
    }
}
