namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Requests of one endpoint: how many by class of status, and how long they took. Any thread counts.</summary>
internal sealed class EndpointCounters
{
    /// <summary>Upper bounds of the buckets in seconds.</summary>
    public static readonly double[] Bounds = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

    private readonly long[] _buckets = new long[Bounds.Length + 1];
    private readonly long[] _classes = new long[6];
    private long _sumTicks;

    public void Count(int statusCode, TimeSpan took)
    {
        _ = Interlocked.Increment(ref _classes[Math.Clamp(statusCode / 100, 0, 5)]);
        _ = Interlocked.Add(ref _sumTicks, took.Ticks);
        var seconds = took.TotalSeconds;
        var i = 0;
        while (i < Bounds.Length && seconds > Bounds[i])
        {
            i++;
        }

        _ = Interlocked.Increment(ref _buckets[i]);
    }

    public long OfClass(int statusClass) => Interlocked.Read(ref _classes[statusClass]);

    public long InBucket(int index) => Interlocked.Read(ref _buckets[index]);

    public double SumSeconds => TimeSpan.FromTicks(Interlocked.Read(ref _sumTicks)).TotalSeconds;
}
