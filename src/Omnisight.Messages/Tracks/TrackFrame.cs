namespace Omnisight.Messages;

/// <summary>The tracks at one image. Reusable; not thread-safe.</summary>
public sealed class TrackFrame() : ElementFrame<TrackedObject>(TrackCodec.DefaultCapacity)
{
    /// <summary>The tracks; valid until the next Add, Resize or decoding.</summary>
    public Span<TrackedObject> Tracks => Elements;

    internal override float Rank(in TrackedObject element) => element.Confidence;

    internal override bool IsValid(in TrackedObject element) =>
        ValueCheck.IsBox(in element.Bbox) && ValueCheck.IsBox(in element.PredictedBbox)
        && float.IsFinite(element.Velocity.X) && float.IsFinite(element.Velocity.Y)
        && float.IsFinite(element.Confidence) && float.IsFinite(element.ThreatScore)
        && !float.IsInfinity(element.World.X) && !float.IsInfinity(element.World.Y);

    internal override int CountValidFromStart()
    {
        var elements = Elements;
        var count = 0;
        while (count < elements.Length && IsValid(in elements[count]))
        {
            count++;
        }

        return count;
    }
}
