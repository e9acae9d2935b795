namespace Omnisight.Messages;

/// <summary>The possible futures, as predicted at one time. Reusable; not thread-safe.</summary>
public sealed class TimelineFrame() : ElementFrame<TimelineSnapshot>(TimelineCodec.DefaultCapacity)
{
    /// <summary>The timelines; valid until the next Add, Resize or decoding.</summary>
    public Span<TimelineSnapshot> Timelines => Elements;

    internal override float Rank(in TimelineSnapshot element) => element.OverallProbability;

    internal override bool IsValid(in TimelineSnapshot element)
    {
        if (!float.IsFinite(element.OverallProbability) || !float.IsFinite(element.TotalThreatScore)
            || element.EventCount > EventSlots.Length || element.InterventionCount > InterventionSlots.Length)
        {
            return false;
        }

        foreach (ref readonly var predicted in ((ReadOnlySpan<PredictedEvent>)element.EventSlots)[..(int)element.EventCount])
        {
            if (!float.IsFinite(predicted.Probability) || !float.IsFinite(predicted.Location.X) || !float.IsFinite(predicted.Location.Y)
                || predicted.InvolvedCount > InvolvedIds.Length)
            {
                return false;
            }
        }

        foreach (ref readonly var point in ((ReadOnlySpan<InterventionPoint>)element.InterventionSlots)[..(int)element.InterventionCount])
        {
            if (!float.IsFinite(point.Effectiveness) || !float.IsFinite(point.Cost)
                || (point.EventIndex >= element.EventCount && point.EventIndex != InterventionPoint.NoEvent))
            {
                return false;
            }
        }

        return true;
    }
}
