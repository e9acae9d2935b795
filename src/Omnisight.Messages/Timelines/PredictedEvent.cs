using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Omnisight.Messages;

/// <summary>One event of a timeline, as it lies in a frame: 96 bytes, little-endian (PROTOCOL 1.2).</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
public struct PredictedEvent
{
    /// <summary>What will happen.</summary>
    [FieldOffset(0)]
    public EventType Type;

    /// <summary>How bad it would be.</summary>
    [FieldOffset(4)]
    public Severity Severity;

    /// <summary>When: Unix epoch milliseconds.</summary>
    [FieldOffset(8)]
    public ulong TimestampMs;

    /// <summary>0..1.</summary>
    [FieldOffset(16)]
    public float Probability;

    /// <summary>Where in the image, normalized.</summary>
    [FieldOffset(20)]
    public Vector2 Location;

    /// <summary>How many of <see cref="InvolvedSlots"/> are used, at most 4.</summary>
    [FieldOffset(28)]
    public uint InvolvedCount;

    /// <summary>Track ids.</summary>
    [FieldOffset(32)]
    public InvolvedIds InvolvedSlots;

    /// <summary>In words.</summary>
    [FieldOffset(48)]
    public Text48 Description;

    /// <summary>The track ids that are used.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<uint> Involved => ((ReadOnlySpan<uint>)InvolvedSlots)[..(int)Math.Min(InvolvedCount, InvolvedIds.Length)];

    /// <summary>Adds a track id; false when there are four already.</summary>
    public bool Involve(uint trackId)
    {
        if (InvolvedCount >= InvolvedIds.Length)
        {
            return false;
        }

        InvolvedSlots[(int)InvolvedCount++] = trackId;
        return true;
    }
}
