using System.Collections.Concurrent;
using Omnisight.Messages;

namespace Perception.Tests;

/// <summary>Keeps every payload that was published.</summary>
internal sealed class RecordingPublisher(string name) : IPublisher
{
    private readonly ConcurrentQueue<byte[]> _payloads = new();

    public ChannelSpec Channel { get; } = new()
    {
        Name = ChannelName.Parse(name),
        MessageId = $"omnisight.{name}/2",
        Capacity = name == "timelines" ? TimelineCodec.DefaultCapacity : DetectionCodec.DefaultCapacity,
        MaxPayloadBytes = 1 << 20,
    };

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ulong Epoch => 1;

    public ChannelCounters Counters { get; } = new();

    public int Count => _payloads.Count;

    public PublishResult Result { get; set; } = PublishResult.Published;

    public IReadOnlyList<byte[]> Payloads => [.. _payloads];

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        _payloads.Enqueue(payload.ToArray());
        return Result;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public List<DetectionFrame> Detections() => Decode<DetectionFrame>(new DetectionCodec());

    public List<TrackFrame> Tracks() => Decode<TrackFrame>(new TrackCodec());

    public List<TimelineFrame> Timelines() => Decode<TimelineFrame>(new TimelineCodec());

    private List<T> Decode<T>(IMessageCodec<T> codec)
        where T : new()
    {
        var values = new List<T>();
        foreach (var payload in _payloads)
        {
            var value = new T();
            codec.Decode(payload, value).IsNone.ShouldBeTrue();
            values.Add(value);
        }

        return values;
    }
}
