using System.Diagnostics.CodeAnalysis;

namespace Omnisight.Messages.Tests;

public sealed class AllocationTests
{
    [Fact]
    public void Encoding_and_decoding_allocate_nothing()
    {
        Measure(new DetectionCodec(), SampleFrames.Detections(50), 50).ShouldBe(0);
        Measure(new DetectionCodec(), SampleFrames.Detections(70), 50).ShouldBe(0);
        Measure(new TrackCodec(), SampleFrames.Tracks(50), 50).ShouldBe(0);
        Measure(new TimelineCodec(), SampleFrames.Timelines(5), 5).ShouldBe(0);
        Measure(new VideoCodec(), SampleFrames.Video(), 24).ShouldBe(0);
    }

    private static long Measure<T>(IMessageCodec<T> codec, T value, int capacity)
        where T : class, new()
    {
        var buffer = new byte[codec.MaxBytes(codec.MaxVersion, capacity, PayloadEncoding.Binary)];
        var back = new T();
        Rounds(codec, value, back, buffer, 3);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(codec, value, back, buffer, 100);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [SuppressMessage("Performance", "CA1859", Justification = "called as the typed ends call it")]
    private static void Rounds<T>(IMessageCodec<T> codec, T value, T back, byte[] buffer, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            for (var version = codec.MinVersion; version <= codec.MaxVersion; version++)
            {
                var length = codec.Encode(value, version, buffer);
                _ = codec.Decode(buffer.AsSpan(0, length), back);
            }
        }
    }
}
