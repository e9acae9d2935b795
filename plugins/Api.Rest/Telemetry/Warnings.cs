using System.Collections.Concurrent;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>One warning per reason and minute: a flood of bad requests must not become a flood of log lines.</summary>
internal sealed class Warnings(TimeProvider time)
{
    private const long QuietNs = 60_000_000_000;
    private readonly ConcurrentDictionary<string, long> _toldNs = new();

    public bool ShouldTell(string reason)
    {
        var now = MonotonicClock.NowNs(time);
        var told = _toldNs.GetOrAdd(reason, long.MinValue / 2);
        return now - told > QuietNs && _toldNs.TryUpdate(reason, now, told);
    }
}
