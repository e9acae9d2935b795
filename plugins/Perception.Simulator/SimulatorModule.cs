using Microsoft.Extensions.Logging;
using Omnisight.Messages;
using Omnisight.Perception.Prediction;
using Omnisight.Perception.Simulator.Scenery;

namespace Omnisight.Perception.Simulator;

/// <summary>
/// A simulated camera over a square: detections and tracks at the configured rate, timelines once a second. It stands in for a detector, a tracker and a
/// predictor until there are real ones, and says the same thing again when it is given the same seed.
/// </summary>
[ExportModule("simulator", Publishes = ["detections", "tracks", "timelines"])]
public sealed partial class SimulatorModule : IModule
{
    /// <inheritdoc/>
    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(context);
        var options = context.Options<SimulatorOptions>();
        var start = options.Current;
        var scene = new Scene(start.Seed, start.Walkers, start.Width, start.Height);
        var frames = new FrameWriter(scene);
        var detections = context.Publisher(new DetectionCodec(), ChannelName.Parse("detections"));
        var tracks = context.Publisher(new TrackCodec(), ChannelName.Parse("tracks"));
        var timelines = context.Publisher(new TimelineCodec(), ChannelName.Parse("timelines")) is { } publisher
            ? new TimelineSource(context, publisher, () => options.Current.HorizonSeconds, TimeSpan.FromSeconds(1))
            : null;
        if (timelines is not null)
        {
            context.Handle(new TimelineRefresh(timelines));
        }

        LogScene(context.Loggers.CreateLogger<SimulatorModule>(), start.Walkers, start.Seed, start.Width, start.Height, start.Rate);
        context.Ready();
        var meter = new RateMeter(context.Time);
        var pacer = new Pacer(context.Time);
        while (true)
        {
            await pacer.NextAsync(() => TimeSpan.FromSeconds(1 / options.Current.Rate), stop);
            var began = context.Time.GetTimestamp();
            var now = options.Current;
            scene.Step(now.Rate, new DetectorNoise(now.MissRate, now.JitterPixels, now.FalseAlarmsPerFrame));
            frames.Write(now.ConfidenceThreshold, (ulong)context.Time.GetUtcNow().ToUnixTimeMilliseconds());
            detections?.Publish(frames.Detections);
            tracks?.Publish(frames.Tracks);
            timelines?.Update(frames.Agents, frames.Tracks.Width, frames.Tracks.Height);
            meter.Report(context, began, frames.Tracks.Count, pacer.Skipped);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Simulating {Walkers} walkers (seed {Seed}) in an image of {Width} x {Height} at {Rate} Hz")]
    private static partial void LogScene(ILogger logger, int walkers, int seed, int width, int height, double rate);
}
