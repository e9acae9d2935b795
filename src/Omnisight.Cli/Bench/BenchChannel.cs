using Omnisight.Messages;

namespace Omnisight.Cli.Bench;

/// <summary>A channel with a payload whose every element follows from the frame's number, and that carries the time of its publishing.</summary>
internal abstract class BenchChannel
{
    /// <summary>Stamps that are no time: before and after the measurement.</summary>
    public const ulong Warm = 0, End = ulong.MaxValue;

    public required ChannelSpec Spec { get; init; }

    /// <summary>The largest frame, encoded: the bytes of the floor.</summary>
    public abstract byte[] Sample();

    public abstract BenchWriter OpenWriter(ITransport transport);

    public abstract BenchReader OpenReader(ITransport transport, BenchMode mode);

    public static BenchChannel For(BenchSettings settings) => settings.Channel switch
    {
        "detections" => Make(new DetectionCodec(), settings.Elements, FillDetections, LookAtDetections),
        "tracks" => Make(new TrackCodec(), settings.Elements, FillTracks, LookAtTracks),
        "timelines" => Make(new TimelineCodec(), Math.Min(settings.Elements, TimelineCodec.DefaultCapacity), FillTimelines, LookAtTimelines),
        "video" => new BenchVideo { Spec = new VideoCodec().DefaultChannel },
        _ => throw new CliException(ExitCode.Usage, $"bench knows no channel '{settings.Channel}'; choose detections, tracks, timelines or video"),
    };

    private static BenchFrames<T> Make<T>(IMessageCodec<T> codec, int elements, BenchFrames<T>.Filler fill, BenchFrames<T>.Looker look)
        where T : class, new()
    {
        var bytes = codec.MaxBytes(codec.MaxVersion, elements, PayloadEncoding.Binary);
        return new BenchFrames<T>(codec, elements, fill, look) { Spec = codec.DefaultChannel with { MaxPayloadBytes = bytes, Capacity = elements, Period = TimeSpan.Zero } };
    }

    private static void FillDetections(DetectionFrame frame, int count, ulong number, ulong stamp)
    {
        frame.FrameId = number;
        frame.TimestampMs = stamp;
        (frame.Width, frame.Height) = (1920, 1080);
        var objects = frame.Resize(count);
        for (var i = 0; i < objects.Length; i++)
        {
            objects[i].Id = (uint)number + (uint)i;
            objects[i].Class = ObjectClass.Person;
            objects[i].Confidence = 0.5f;
            objects[i].Bbox = new Box(0.1f, 0.2f, 0.05f, 0.2f);
            objects[i].TimestampMs = stamp;
        }
    }

    private static bool LookAtDetections(DetectionFrame frame, ulong number, out ulong stamp)
    {
        stamp = frame.TimestampMs;
        var objects = frame.Objects;
        return frame.FrameId == number && objects[^1].Id == (uint)number + (uint)objects.Length - 1 && objects[^1].TimestampMs == stamp;
    }

    private static void FillTracks(TrackFrame frame, int count, ulong number, ulong stamp)
    {
        frame.TimestampMs = stamp;
        (frame.Width, frame.Height) = (1920, 1080);
        var tracks = frame.Resize(count);
        for (var i = 0; i < tracks.Length; i++)
        {
            tracks[i].TrackId = (uint)number + (uint)i;
            tracks[i].Bbox = new Box(0.1f, 0.2f, 0.05f, 0.2f);
            tracks[i].LastSeenMs = stamp;
        }
    }

    private static bool LookAtTracks(TrackFrame frame, ulong number, out ulong stamp)
    {
        stamp = frame.TimestampMs;
        var tracks = frame.Tracks;
        return tracks[^1].TrackId == (uint)number + (uint)tracks.Length - 1 && tracks[^1].LastSeenMs == stamp;
    }

    private static void FillTimelines(TimelineFrame frame, int count, ulong number, ulong stamp)
    {
        frame.TimestampMs = stamp;
        (frame.Width, frame.Height) = (1920, 1080);
        var timelines = frame.Resize(count);
        for (var i = 0; i < timelines.Length; i++)
        {
            timelines[i].TimelineId = (uint)number + (uint)i;
            timelines[i].PredictionStartMs = stamp;
        }
    }

    private static bool LookAtTimelines(TimelineFrame frame, ulong number, out ulong stamp)
    {
        stamp = frame.TimestampMs;
        var timelines = frame.Timelines;
        return timelines[^1].TimelineId == (uint)number + (uint)timelines.Length - 1 && timelines[^1].PredictionStartMs == stamp;
    }
}

/// <summary>The writing end in a benchmark.</summary>
internal abstract class BenchWriter : IAsyncDisposable
{
    /// <summary>Makes the next frame, outside of what is measured.</summary>
    public abstract void Prepare(ulong number);

    /// <summary>Publishes it: stamp, encode, checksum, slot, wake.</summary>
    public abstract void Publish(ulong stamp);

    public abstract ValueTask DisposeAsync();
}

/// <summary>The reading end in a benchmark.</summary>
internal abstract class BenchReader : IAsyncDisposable
{
    public abstract IReader Bytes { get; }

    /// <summary>Takes the newest frame. True = a new one, whole as its transport says; <paramref name="whole"/> = as its content says.</summary>
    public abstract bool TryTake(out ulong sequence, out ulong missed, out ulong stamp, out bool whole);

    /// <summary>Takes the newest frame and looks at nothing; false when there is none.</summary>
    public abstract bool TryTake();

    public ValueTask DisposeAsync() => Bytes.DisposeAsync();
}
