using System.Diagnostics;
using Omnisight.Messages;
using Omnisight.Transport.Shm;

namespace Omnisight.InteropPeer;

/// <summary>What one publish and one read of 50 objects cost in C#; peer.c measures the same.</summary>
internal static class CostPrinter
{
    private const int Rounds = 60_000, Warm = 20_000;

    public static async Task<int> RunAsync(string instance)
    {
        await using var shm = new ShmTransport(new PeerContext(instance, "/tmp", new ShmOptions { ReadMode = "map" }));
        var codec = new DetectionCodec();
        var frame = new DetectionFrame();
        for (var i = 0u; i < 50; i++)
        {
            frame.Add(new DetectedObject { Id = i, Confidence = 0.5f, Bbox = new Box(0.1f, 0.2f, 0.3f, 0.4f) });
        }

        var publisher = new Publisher<DetectionFrame>(shm.OpenPublisher(codec.DefaultChannel), codec);
        await using var reader = new Reader<DetectionFrame>(shm.OpenReader(codec.DefaultChannel), codec);
        var publish = new long[Rounds];
        var read = new long[Rounds];
        for (var i = -Warm; i < Rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _ = publisher.Publish(frame);
            var between = Stopwatch.GetTimestamp();
            var status = reader.Read(out _);
            var end = Stopwatch.GetTimestamp();
            if (status != ReadStatus.Fresh)
            {
                throw new InvalidOperationException($"read said {status}");
            }

            if (i >= 0)
            {
                publish[i] = between - start;
                read[i] = end - between;
            }
        }

        Array.Sort(publish);
        Array.Sort(read);
        Console.WriteLine($"{{\"publish_p50_ns\":{publish[Rounds / 2]},\"read_p50_ns\":{read[Rounds / 2]}}}");
        return 0;
    }
}
