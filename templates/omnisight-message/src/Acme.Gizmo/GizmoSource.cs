using Omnisight;

namespace Acme.Gizmo;

/// <summary>Publishes one reading a second; put your sensor here.</summary>
[ExportModule("gizmo", Publishes = ["gizmo"])]
public sealed class GizmoSource : IModule
{
    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        var publisher = context.Publisher(new GizmoCodec(), ChannelName.Parse("gizmo"));
        var reading = new GizmoReading();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), context.Time);
        context.Ready();
        do
        {
            var now = context.Time.GetUtcNow();
            reading.TimestampMs = (ulong)now.ToUnixTimeMilliseconds();
            reading.Temperature = 20 + (5 * MathF.Sin(now.Second * MathF.Tau / 60));
            reading.Humidity = 0.5f;
            publisher?.Publish(reading);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }
}
