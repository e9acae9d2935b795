namespace Omnisight.Messages;

/// <summary>The detections of one image. Reusable; not thread-safe.</summary>
/// <example><code>
/// frame.Clear();
/// frame.FrameId++;
/// frame.Add(new DetectedObject { Id = 1, Class = ObjectClass.Person, Confidence = 0.9f, Bbox = new(0.1f, 0.2f, 0.05f, 0.2f) });
/// publisher.Publish(frame);
/// </code></example>
public sealed class DetectionFrame() : ElementFrame<DetectedObject>(DetectionCodec.DefaultCapacity)
{
    /// <summary>The image's number, from 1, of the life of its source.</summary>
    public ulong FrameId { get; set; }

    /// <summary>The detections; valid until the next Add, Resize or decoding.</summary>
    public Span<DetectedObject> Objects => Elements;

    internal override float Rank(in DetectedObject element) => element.Confidence;

    internal override bool IsValid(in DetectedObject element) =>
        float.IsFinite(element.Confidence) && ValueCheck.IsBox(in element.Bbox);

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
