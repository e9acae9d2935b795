using Omnisight;

namespace Acme.Lidar;

/// <summary>A lidar in the middle of a square room, around which somebody walks.</summary>
[ExportModule("lidar", Publishes = ["lidar"])]
public sealed class LidarSource : IModule
{
    private const float HalfRoom = 4;
    private const float WalkerDistance = 2;
    private const float WalkerRadius = 0.3f;
    private const float WalkerRadiansPerSecond = 0.5f;

    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        var options = context.Options<LidarOptions>();
        var publisher = context.Publisher(new LidarCodec(), ChannelName.Parse("lidar"));
        var scan = new LidarScan();
        var start = context.Time.GetTimestamp();
        context.Ready();
        while (true)
        {
            Turn(scan, options.Current.Beams, (float)context.Time.GetElapsedTime(start).TotalSeconds);
            scan.TimestampMs = (ulong)context.Time.GetUtcNow().ToUnixTimeMilliseconds();
            publisher?.Publish(scan);
            await Task.Delay(TimeSpan.FromSeconds(1 / options.Current.Rate), context.Time, stop);
        }
    }

    private static void Turn(LidarScan scan, int beams, float seconds)
    {
        scan.Beams = beams;
        var walker = seconds * WalkerRadiansPerSecond;
        var shadow = MathF.Asin(WalkerRadius / WalkerDistance);
        for (var i = 0; i < beams; i++)
        {
            var angle = i * MathF.Tau / beams;
            var wall = HalfRoom / MathF.Max(MathF.Abs(MathF.Cos(angle)), MathF.Abs(MathF.Sin(angle)));
            var apart = MathF.Abs(MathF.IEEERemainder(angle - walker, MathF.Tau));
            scan.Distances[i] = apart < shadow ? WalkerDistance : wall;
        }
    }
}
