using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Omnisight.Messages;

/// <summary>One possible future, as it lies in a frame: 3,960 bytes, little-endian (PROTOCOL 1.2).</summary>
[StructLayout(LayoutKind.Explicit, Size = 3960)]
public struct TimelineSnapshot
{
    /// <summary>Unique in the life of the predictor.</summary>
    [FieldOffset(0)]
    public uint TimelineId;

    /// <summary>How likely it is, 0..1.</summary>
    [FieldOffset(4)]
    public float OverallProbability;

    /// <summary>Unix epoch milliseconds.</summary>
    [FieldOffset(8)]
    public ulong PredictionStartMs;

    /// <summary>Unix epoch milliseconds.</summary>
    [FieldOffset(16)]
    public ulong PredictionEndMs;

    /// <summary>How many of <see cref="EventSlots"/> are used, at most 20.</summary>
    [FieldOffset(24)]
    public uint EventCount;

    /// <summary>How many of <see cref="InterventionSlots"/> are used, at most 10.</summary>
    [FieldOffset(28)]
    public uint InterventionCount;

    /// <summary>The worst of the events.</summary>
    [FieldOffset(32)]
    public Severity WorstCaseSeverity;

    /// <summary>Over all events.</summary>
    [FieldOffset(36)]
    public float TotalThreatScore;

    /// <summary>Room for the events; see <see cref="Events"/>.</summary>
    [FieldOffset(40)]
    public EventSlots EventSlots;

    /// <summary>Room for the interventions; see <see cref="Interventions"/>.</summary>
    [FieldOffset(1960)]
    public InterventionSlots InterventionSlots;

    /// <summary>The events that are used.</summary>
    [UnscopedRef]
    public Span<PredictedEvent> Events => ((Span<PredictedEvent>)EventSlots)[..(int)Math.Min(EventCount, EventSlots.Length)];

    /// <summary>The interventions that are used.</summary>
    [UnscopedRef]
    public Span<InterventionPoint> Interventions =>
        ((Span<InterventionPoint>)InterventionSlots)[..(int)Math.Min(InterventionCount, InterventionSlots.Length)];

    /// <summary>Adds an event; false when there are 20 already.</summary>
    public bool Add(in PredictedEvent predicted)
    {
        if (EventCount >= EventSlots.Length)
        {
            return false;
        }

        EventSlots[(int)EventCount++] = predicted;
        return true;
    }

    /// <summary>Adds an intervention; false when there are 10 already.</summary>
    public bool Add(in InterventionPoint intervention)
    {
        if (InterventionCount >= InterventionSlots.Length)
        {
            return false;
        }

        InterventionSlots[(int)InterventionCount++] = intervention;
        return true;
    }
}
