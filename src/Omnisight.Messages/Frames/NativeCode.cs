using System.Text.Json;

namespace Omnisight.Messages;

/// <summary>
/// Calls that nobody makes. Codecs are called through interfaces, which name no instantiation, and ahead-of-time compilation makes native code of a generic
/// method only where code names it: without these, each frame runs through what the runtime compiles in haste, until it has counted enough calls.
/// </summary>
internal static class NativeCode
{
    public static void Codecs(Utf8JsonWriter json)
    {
        Methods(new DetectionCodec(), new DetectionFrame(), json);
        Methods(new TrackCodec(), new TrackFrame(), json);
        Methods(new TimelineCodec(), new TimelineFrame(), json);
    }

    private static void Methods<TFrame, TElement>(FrameCodec<TFrame, TElement> codec, TFrame frame, Utf8JsonWriter json)
        where TFrame : ElementFrame<TElement>, new()
        where TElement : unmanaged
    {
        _ = codec.MaxBytes(codec.MaxVersion, 1, PayloadEncoding.Binary);
        _ = codec.Encode(frame, codec.MaxVersion, []);
        _ = codec.Decode([], frame);
        codec.WriteJson(frame, json);
        _ = codec.ReadJson([], frame);
        _ = codec.PayloadToJson([], PayloadEncoding.Binary, json);
        frame.Clear();
    }
}
