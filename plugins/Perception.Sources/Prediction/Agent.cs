using System.Numerics;

namespace Omnisight.Perception.Prediction;

/// <summary>Somebody whose next seconds are predicted.</summary>
internal readonly record struct Agent
{
    public required uint Id { get; init; }

    /// <summary>Metres on the ground plane.</summary>
    public required Vector2 Place { get; init; }

    /// <summary>Metres per second.</summary>
    public required Vector2 Velocity { get; init; }

    /// <summary>Where it stands in the image, 0..1.</summary>
    public required Vector2 ImagePlace { get; init; }

    /// <summary>Image widths and heights per second.</summary>
    public required Vector2 ImageVelocity { get; init; }

    /// <summary>For how many seconds it has stood in one place.</summary>
    public required double StandingSeconds { get; init; }

    public Vector2 PlaceIn(double seconds) => Place + (Velocity * (float)seconds);

    public Vector2 ImagePlaceIn(double seconds) => ImagePlace + (ImageVelocity * (float)seconds);
}
