using System.Numerics;
using Omnisight.Messages;

namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>A walker at one moment: the truth, and what the detector made of it.</summary>
internal readonly record struct Sighting
{
    public required Walker Walker { get; init; }

    /// <summary>Metres on the ground.</summary>
    public required Vector2 Place { get; init; }

    /// <summary>Metres per second on the ground.</summary>
    public required Vector2 Velocity { get; init; }

    /// <summary>The true box.</summary>
    public required Box Box { get; init; }

    /// <summary>The true box if the walker goes on like this for one frame.</summary>
    public required Box NextBox { get; init; }

    /// <summary>Image widths and heights per second of the box's centre.</summary>
    public required Vector2 ImageVelocity { get; init; }

    /// <summary>How much of it those in front hide, 0..1.</summary>
    public required float Hidden { get; init; }

    /// <summary>What the detector reports; null = missed.</summary>
    public (Box Box, float Confidence)? Detected { get; init; }
}
