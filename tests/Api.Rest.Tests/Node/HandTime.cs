namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>A clock that the test moves.</summary>
internal sealed class HandTime : TimeProvider
{
    private long _ticks = TimeSpan.TicksPerHour;

    public void Pass(TimeSpan time) => _ticks += time.Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);
}
