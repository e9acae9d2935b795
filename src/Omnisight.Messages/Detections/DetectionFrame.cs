using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    /// <summary>All at once, and one by one only where one of them is not valid. Compiled for good at the first call: in haste, it costs a read a third.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override int CountValidFromStart()
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            return base.CountValidFromStart();
        }

        // The first eight words of an element; what is no float is not looked at.
        var isNoFloat = Vector256.Create(-1, -1, 0, 0, 0, 0, 0, -1).AsSingle();
        var least = Vector256.Create(0, 0, float.MinValue, ValueCheck.LeastOfBox, ValueCheck.LeastOfBox, ValueCheck.LeastOfBox, ValueCheck.LeastOfBox, 0);
        var most = Vector256.Create(0, 0, float.MaxValue, ValueCheck.MostOfBox, ValueCheck.MostOfBox, ValueCheck.MostOfBox, ValueCheck.MostOfBox, 0);
        var valid = Vector256<float>.AllBitsSet;
        foreach (ref readonly var element in Elements)
        {
            var words = Unsafe.ReadUnaligned<Vector256<float>>(in Unsafe.As<DetectedObject, byte>(ref Unsafe.AsRef(in element)));
            valid &= Vector256.GreaterThanOrEqual(words, least) & Vector256.LessThanOrEqual(words, most);
        }

        return (valid | isNoFloat).AsInt32() == Vector256<int>.AllBitsSet ? Count : base.CountValidFromStart();
    }
}
