using System.Collections.Concurrent;

namespace Omnisight.Api.Rest.Security;

/// <summary>A token bucket per caller that holds one second's worth.</summary>
internal sealed class RateLimit(TimeProvider time)
{
    private const int MostCallers = 10_000;
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new();

    private sealed class Bucket
    {
        public double Tokens;
        public long AtNs;
    }

    /// <summary>Takes one token; false when the caller has none left.</summary>
    public bool TryTake(string caller, int perSecond)
    {
        if (perSecond == 0)
        {
            return true;
        }

        var now = MonotonicClock.NowNs(time);
        if (!_buckets.TryGetValue(caller, out var bucket))
        {
            if (_buckets.Count >= MostCallers)
            {
                _buckets.Clear();
            }

            bucket = _buckets.GetOrAdd(caller, static (_, a) => new Bucket { Tokens = a.perSecond, AtNs = a.now }, (perSecond, now));
        }

        lock (bucket)
        {
            bucket.Tokens = Math.Min(perSecond, bucket.Tokens + ((now - bucket.AtNs) * 1e-9 * perSecond));
            bucket.AtNs = now;
            if (bucket.Tokens < 1)
            {
                return false;
            }

            bucket.Tokens--;
            return true;
        }
    }
}
