using System.Numerics;
using Omnisight.Messages;

namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>
/// A pinhole camera on a mast, tilted towards the ground: metres on the ground plane (X to the right, Y away from the mast)
/// to image coordinates 0..1. In the camera's frame u = cx + f x/z and v = cy + f y/z.
/// </summary>
internal sealed class PinholeCamera(int width, int height)
{
    /// <summary>Metres above the ground, as cameras of squares and shops hang.</summary>
    private const float MastHeight = 4;

    /// <summary>Focal length in image widths: a horizontal field of view of 58 degrees.</summary>
    private const float FocalLength = 0.9f;

    private static readonly (float Sin, float Cos) Tilt = MathF.SinCos(14 * MathF.PI / 180);

    private readonly float _aspect = (float)width / height;

    /// <summary>Metres in front of the mast that the scene takes place in.</summary>
    public const float Near = 7, Far = 27;

    /// <summary>How far to the side the image reaches at a distance, in metres.</summary>
    public static float HalfWidthAt(float distance) => 0.5f / FocalLength * Depth(distance, 0);

    /// <summary>Where a point at some height over the ground appears.</summary>
    public Vector2 Project(Vector2 ground, float heightAboveGround)
    {
        var depth = Depth(ground.Y, heightAboveGround);
        var up = ((heightAboveGround - MastHeight) * Tilt.Cos) + (ground.Y * Tilt.Sin);
        return new Vector2(0.5f + (FocalLength * ground.X / depth), 0.5f - (FocalLength * _aspect * up / depth));
    }

    /// <summary>The box around something that stands upright.</summary>
    public Box Project(Vector2 ground, float bodyHeight, float bodyWidth)
    {
        var foot = Project(ground, 0);
        var head = Project(ground, bodyHeight);
        var half = FocalLength * bodyWidth / 2 / Depth(ground.Y, bodyHeight / 2);
        return new Box(foot.X - half, head.Y, 2 * half, foot.Y - head.Y);
    }

    private static float Depth(float distance, float heightAboveGround) =>
        ((MastHeight - heightAboveGround) * Tilt.Sin) + (distance * Tilt.Cos);
}
