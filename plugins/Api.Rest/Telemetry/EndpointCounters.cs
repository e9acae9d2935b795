namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Requests of one endpoint: how many by class of status, and how long they took. Any thread counts.</summary>
internal sealed class EndpointCounters
{
    private static readonly double[] Bounds = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
    private readonly long[] _classes = new long[6];

    /// <summary>How long they took, in seconds.</summary>
    public Buckets Durations { get; } = new(Bounds);

    public void Count(int statusCode, TimeSpan took)
    {
        _ = Interlocked.Increment(ref _classes[Math.Clamp(statusCode / 100, 0, 5)]);
        Durations.Record(took.TotalSeconds);
    }

    public long OfClass(int statusClass) => Interlocked.Read(ref _classes[statusClass]);
}
