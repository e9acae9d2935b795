using System.Text;
using System.Text.Json;
using Omnisight.Messages;
using Omnisight.Transport.Shm;

namespace Omnisight.InteropPeer;

/// <summary>A reader in C#.</summary>
internal static class ChannelPrinter
{
    public static Task<int> RunAsync(string instance, string channel, int count) => channel switch
    {
        "detections" => PrintAsync<DetectionFrame, DetectedObject>(instance, new DetectionCodec(), count),
        "tracks" => PrintAsync<TrackFrame, TrackedObject>(instance, new TrackCodec(), count),
        _ => PrintAsync<TimelineFrame, TimelineSnapshot>(instance, new TimelineCodec(), count),
    };

    private static async Task<int> PrintAsync<TFrame, TElement>(string instance, FrameCodec<TFrame, TElement> codec, int count)
        where TFrame : ElementFrame<TElement>, new()
        where TElement : unmanaged
    {
        await using var shm = new ShmTransport(new PeerContext(instance, "/tmp", new ShmOptions { ReadMode = Environment.GetEnvironmentVariable("PEER_MODE") ?? "safe" }));
        IMessageCodec<TFrame> known = uint.TryParse(Environment.GetEnvironmentVariable("PEER_NEWEST_VERSION"), out var newest) ? new OldCodec<TFrame>(codec, newest) : codec;
        await using var reader = new Reader<TFrame>(shm.OpenReader(codec.DefaultChannel), known);
        for (var rejected = 0; count > 0;)
        {
            switch (reader.Read(out var info))
            {
                case ReadStatus.Fresh:
                    Print(codec, reader.Latest.Value, info, rejected);
                    count--;
                    break;
                case ReadStatus.Rejected when newest != 0 && info.Rejection.Reason == RejectReason.VersionMismatch:
                    Console.WriteLine($"{info.Rejection.Label}: found {info.Rejection.Found}, expected {info.Rejection.Expected}");
                    return 0;
                case ReadStatus.Rejected:
                    rejected++;
                    await reader.WaitAsync(CancellationToken.None);
                    break;
                default:
                    await reader.WaitAsync(CancellationToken.None);
                    break;
            }
        }

        return 0;
    }

    private static void Print<TFrame, TElement>(FrameCodec<TFrame, TElement> codec, TFrame frame, in SampleInfo info, int rejected)
        where TFrame : ElementFrame<TElement>, new()
        where TElement : unmanaged
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", info.Epoch);
            json.WriteNumber("version", frame.Version);
            json.WriteNumber("rejected", rejected);
            json.WritePropertyName("data");
            codec.WriteJson(frame, json);
            json.WriteEndObject();
        }

        Console.WriteLine(Encoding.UTF8.GetString(text.ToArray()));
    }
}
