using Omnisight.Messages;

namespace Omnisight.Cli.Bench;

/// <summary>A channel with a payload whose every element follows from the frame's number.</summary>
internal abstract class BenchChannel
{
    /// <summary>Stamps that are no time: before and after the measurement.</summary>
    public const ulong Warm = 0, End = ulong.MaxValue;

    public required ChannelSpec Spec { get; init; }

    /// <summary>Frames a second unless asked for otherwise.</summary>
    public virtual int Rate => 1000;

    /// <summary>Do publishers fill a loan? Their floor is then the filling alone; else memcpy + CRC-32.</summary>
    public virtual bool IsFilledInPlace => false;

    /// <summary>The largest frame, encoded: the bytes of the floor.</summary>
    public abstract byte[] Sample();

    /// <summary>Fills what a loan would hold.</summary>
    public virtual void Fill(Span<byte> payload, ulong number)
    {
    }

    /// <summary>With leases the transport alone is measured: its writers are given bytes that are encoded already.</summary>
    public abstract BenchWriter OpenWriter(ITransport transport, bool encoded);

    public abstract BenchReader OpenReader(ITransport transport, BenchMode mode);

    public static BenchChannel For(BenchSettings settings) => settings.Channel switch
    {
        "detections" => Make(new DetectionCodec(), settings, FillDetections, LookAtDetections),
        "tracks" => Make(new TrackCodec(), settings, FillTracks, LookAtTracks),
        "timelines" => Make(new TimelineCodec(), settings with { Elements = Math.Min(settings.Elements, TimelineCodec.DefaultCapacity) }, FillTimelines, LookAtTimelines),
        "video" => new BenchVideo { Spec = new VideoCodec().DefaultChannel },
        _ => throw new CliException(ExitCode.Usage, $"bench knows no channel '{settings.Channel}'; choose detections, tracks, timelines or video"),
    };

    private static BenchFrames<T> Make<T>(IMessageCodec<T> codec, BenchSettings settings, BenchFrames<T>.Filler fill, BenchFrames<T>.Looker look)
        where T : class, new()
    {
        var spec = codec.DefaultChannel with
        {
            MaxPayloadBytes = codec.MaxBytes(codec.MaxVersion, settings.Elements, PayloadEncoding.Binary),
            Capacity = settings.Elements,
            Period = TimeSpan.FromSeconds(1.0 / settings.Rate),
        };
        return new BenchFrames<T>(codec, settings.Elements, fill, look) { Spec = spec };
    }

    private static void FillDetections(DetectionFrame frame, int count, ulong number)
    {
        frame.FrameId = number;
        frame.TimestampMs = number;
        (frame.Width, frame.Height) = (1920, 1080);
        var objects = frame.Resize(count);
        for (var i = 0; i < objects.Length; i++)
        {
            objects[i].Id = (uint)number + (uint)i;
            objects[i].Class = ObjectClass.Person;
            objects[i].Confidence = 0.5f;
            objects[i].Bbox = new Box(0.1f, 0.2f, 0.05f, 0.2f);
            objects[i].TimestampMs = number;
        }
    }

    private static bool LookAtDetections(DetectionFrame frame, ulong number)
    {
        var objects = frame.Objects;
        return frame.FrameId == number && frame.TimestampMs == number && objects[^1].Id == (uint)number + (uint)objects.Length - 1 && objects[^1].TimestampMs == number;
    }

    private static void FillTracks(TrackFrame frame, int count, ulong number)
    {
        frame.TimestampMs = number;
        (frame.Width, frame.Height) = (1920, 1080);
        var tracks = frame.Resize(count);
        for (var i = 0; i < tracks.Length; i++)
        {
            tracks[i].TrackId = (uint)number + (uint)i;
            tracks[i].Bbox = new Box(0.1f, 0.2f, 0.05f, 0.2f);
            tracks[i].LastSeenMs = number;
        }
    }

    private static bool LookAtTracks(TrackFrame frame, ulong number)
    {
        var tracks = frame.Tracks;
        return frame.TimestampMs == number && tracks[^1].TrackId == (uint)number + (uint)tracks.Length - 1 && tracks[^1].LastSeenMs == number;
    }

    private static void FillTimelines(TimelineFrame frame, int count, ulong number)
    {
        frame.TimestampMs = number;
        (frame.Width, frame.Height) = (1920, 1080);
        var timelines = frame.Resize(count);
        for (var i = 0; i < timelines.Length; i++)
        {
            timelines[i].TimelineId = (uint)number + (uint)i;
            timelines[i].PredictionStartMs = number;
        }
    }

    private static bool LookAtTimelines(TimelineFrame frame, ulong number)
    {
        var timelines = frame.Timelines;
        return frame.TimestampMs == number && timelines[^1].TimelineId == (uint)number + (uint)timelines.Length - 1 && timelines[^1].PredictionStartMs == number;
    }
}
