using Microsoft.Extensions.Logging;
using Omnisight.Messages;
using Omnisight.Perception.Prediction;
using Omnisight.Perception.Replay.Mot;

namespace Omnisight.Perception.Replay;

/// <summary>
/// Replays a recorded sequence (MOTChallenge text) as if it were seen now: each frame's detections are exactly the file's boxes and scores in the file's
/// order, divided by the image's size; where the file says who is who, there are tracks and timelines too.
/// </summary>
[ExportModule("replay", Publishes = ["detections", "tracks", "timelines"])]
public sealed partial class ReplayModule : IModule
{
    /// <inheritdoc/>
    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(context);
        var options = context.Options<ReplayOptions>();
        if (options.Current.Path.Length == 0)
        {
            throw new InvalidOperationException("Perception.Replay:Path is not set: name a MOTChallenge folder (--set Perception.Replay:Path=DIR)");
        }

        var logger = context.Loggers.CreateLogger<ReplayModule>();
        var sequence = MotSequence.Load(options.Current.Path, options.Current.File);
        var info = sequence.Info;
        var detections = context.Publisher(new DetectionCodec(), ChannelName.Parse("detections"));
        var tracks = sequence.HasIdentities ? context.Publisher(new TrackCodec(), ChannelName.Parse("tracks")) : null;
        var timelines = context.Publisher(new TimelineCodec(), ChannelName.Parse("timelines")) is { } publisher
            ? new TimelineSource(context, publisher, () => options.Current.HorizonSeconds)
            : null;
        if (timelines is not null)
        {
            context.Handle(new TimelineRefresh(timelines));
        }

        Warn(logger, sequence, detections?.Channel, tracks?.Channel);
        LogSequence(logger, sequence.SourceFile, info.Length, info.Width, info.Height, Rate());
        context.Ready();
        var frame = new DetectionFrame { Width = (ushort)info.Width, Height = (ushort)info.Height };
        var trackWriter = new TrackWriter(info);
        var meter = new RateMeter(context.Time);
        var pacer = new Pacer(context.Time);
        for (var n = 0L; ; n++)
        {
            await pacer.NextAsync(() => TimeSpan.FromSeconds(1 / Rate()), stop);
            var number = (int)(n % info.Length) + 1;
            if (number == 1 && n > 0)
            {
                trackWriter.Reset();
                if (!options.Current.Loop)
                {
                    LogEnd(logger, info.Length);
                    RateMeter.Pause(context);
                    await WaitForLoop(options, context.Time, stop);
                    meter.Resume();
                    pacer = new Pacer(context.Time);
                }
            }

            var began = context.Time.GetTimestamp();
            var nowMs = (ulong)context.Time.GetUtcNow().ToUnixTimeMilliseconds();
            var rows = sequence.Frame(number);
            frame.FrameId = (ulong)n + 1;
            DetectionWriter.Write(rows, options.Current.ConfidenceThreshold, nowMs, frame);
            detections?.Publish(frame);
            trackWriter.Write(number, rows, Rate(), nowMs);
            tracks?.Publish(trackWriter.Frame);
            timelines?.Update(trackWriter.Agents, frame.Width, frame.Height);
            meter.Report(context, began, trackWriter.Agents.Count, pacer.Skipped);
        }

        double Rate() => (options.Current.Rate > 0 ? options.Current.Rate : info.FrameRate) * options.Current.Speed;
    }

    /// <summary>What of the file its readers will not see, told once, where it can still be changed.</summary>
    private static void Warn(ILogger logger, MotSequence sequence, params ReadOnlySpan<ChannelSpec?> channels)
    {
        foreach (var oddity in sequence.Oddities)
        {
            LogOddity(logger, oddity);
        }

        foreach (var channel in channels)
        {
            if (channel is not null && sequence.FramesAbove(channel.Capacity) is > 0 and var frames)
            {
                LogCut(logger, frames, channel.Name.Value, channel.Capacity, sequence.MostRows);
            }
        }
    }

    /// <summary>After the last frame there is nothing to say, until somebody wants to see it again.</summary>
    private static async Task WaitForLoop(ILiveOptions<ReplayOptions> options, TimeProvider time, CancellationToken stop)
    {
        while (!options.Current.Loop)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, stop);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Replaying {File}: {Frames} frames of {Width} x {Height} at {Rate} Hz")]
    private static partial void LogSequence(ILogger logger, string file, int frames, int width, int height, double rate);

    [LoggerMessage(3, LogLevel.Warning, "{Oddity}")]
    private static partial void LogOddity(ILogger logger, string oddity);

    [LoggerMessage(4, LogLevel.Warning, "frames with more rows than the {Capacity} that channel '{Channel}' takes: {Frames}, with up to {Rows}; the most confident are kept, the rest is counted in 'truncated'. To have all, set Channels:{Channel}:Capacity={Rows}")]
    private static partial void LogCut(ILogger logger, int frames, string channel, int capacity, int rows);

    [LoggerMessage(2, LogLevel.Information, "The sequence has ended after {Frames} frames; Perception.Replay:Loop=true plays it again")]
    private static partial void LogEnd(ILogger logger, int frames);
}
