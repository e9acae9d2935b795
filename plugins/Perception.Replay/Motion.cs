using System.Numerics;
using Omnisight.Messages;

namespace Omnisight.Perception.Replay;

/// <summary>How one identity moves: a straight line through its last boxes, by least squares.</summary>
internal sealed class Motion(int firstFrame, double imageAspect)
{
    /// <summary>Half a second of most sequences: long enough to smooth a tracker's jitter, short enough to follow a turn.</summary>
    private const int Memory = 12;

    /// <summary>A standing person's height in metres, which makes a box's height a measure of distance.</summary>
    private const float PersonHeight = 1.7f;

    /// <summary>Most cameras of the benchmark see about so many image widths per unit of depth.</summary>
    private const float FocalLength = 1;

    private readonly Queue<(int Frame, Box Box, Vector2 Place)> _past = new();

    public int FirstFrame { get; } = firstFrame;

    public int LastFrame { get; private set; } = firstFrame;

    public uint Frames { get; private set; }

    /// <summary>Image widths and heights per frame, of the box's centre.</summary>
    public Vector2 ImageVelocity { get; private set; }

    /// <summary>Metres on the ground, to the side of and away from the camera; estimated from the box's height.</summary>
    public Vector2 Place { get; private set; }

    /// <summary>Metres per frame.</summary>
    public Vector2 Velocity { get; private set; }

    /// <summary>Takes the identity's box in a frame.</summary>
    public void Update(int frame, Box box)
    {
        Frames++;
        LastFrame = frame;
        Place = OnTheGround(box);
        _past.Enqueue((frame, box, Place));
        while (_past.Count > Memory || _past.Peek().Frame < frame - Memory)
        {
            _past.Dequeue();
        }

        var meanFrame = _past.Average(p => (double)p.Frame);
        var (spread, image, ground) = (0.0, Vector2.Zero, Vector2.Zero);
        foreach (var (at, past, place) in _past)
        {
            var dt = at - meanFrame;
            spread += dt * dt;
            image += (float)dt * Centre(past);
            ground += (float)dt * place;
        }

        (ImageVelocity, Velocity) = spread > 0 ? (image / (float)spread, ground / (float)spread) : (Vector2.Zero, Vector2.Zero);
    }

    private Vector2 OnTheGround(Box box)
    {
        // A pinhole shows a person of height H at depth z with f H / z of the image's width.
        var heightInWidths = Math.Max(box.Height / (float)imageAspect, 1e-3f);
        var depth = FocalLength * PersonHeight / heightInWidths;
        return new Vector2((box.X + (box.Width / 2) - 0.5f) * depth / FocalLength, depth);
    }

    private static Vector2 Centre(Box box) => new(box.X + (box.Width / 2), box.Y + (box.Height / 2));
}
