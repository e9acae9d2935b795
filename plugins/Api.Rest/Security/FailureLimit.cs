using System.Collections.Concurrent;
using System.Net;

namespace Omnisight.Api.Rest.Security;

/// <summary>Ten wrong keys a minute from one address, then its keys are not even looked at for the rest of the minute.</summary>
internal sealed class FailureLimit(TimeProvider time)
{
    private const int MostFailures = 10;
    private const int MostAddresses = 10_000;
    private const long WindowNs = 60_000_000_000;
    private readonly ConcurrentDictionary<IPAddress, Failures> _addresses = new();

    private sealed class Failures
    {
        public long StartNs;
        public int Count;
    }

    /// <summary>Seconds until the address may try again; 0 = it may now.</summary>
    public int RetryAfter(IPAddress address)
    {
        if (!_addresses.TryGetValue(address, out var failures) || Volatile.Read(ref failures.Count) < MostFailures)
        {
            return 0;
        }

        var left = Volatile.Read(ref failures.StartNs) + WindowNs - MonotonicClock.NowNs(time);
        return left <= 0 ? 0 : (int)(left / 1_000_000_000) + 1;
    }

    public void Count(IPAddress address)
    {
        var now = MonotonicClock.NowNs(time);
        if (_addresses.Count >= MostAddresses)
        {
            Forget(now);
        }

        var failures = _addresses.GetOrAdd(address, static _ => new Failures());
        lock (failures)
        {
            if (now - failures.StartNs > WindowNs)
            {
                (failures.StartNs, failures.Count) = (now, 0);
            }

            failures.Count++;
        }
    }

    private void Forget(long now)
    {
        foreach (var (address, failures) in _addresses)
        {
            if (now - Volatile.Read(ref failures.StartNs) > WindowNs)
            {
                _ = _addresses.TryRemove(address, out _);
            }
        }

        // Only an attacker with ten thousand addresses gets here; memory matters more than his count.
        if (_addresses.Count >= MostAddresses)
        {
            _addresses.Clear();
        }
    }
}
