using System.Collections.Concurrent;

namespace Omnisight.Transport.Files;

/// <summary>Lets each reason be logged once a minute: what goes on, or what others can make happen, must not fill the log. Thread-safe.</summary>
internal sealed class LogThrottle(TimeProvider time)
{
    private const long QuietNs = 60_000_000_000;

    private readonly ConcurrentDictionary<string, long> _loggedAt = new(StringComparer.Ordinal);

    /// <summary>True when the reason was not logged for a minute. Reasons are a fixed few, never text of a sender's.</summary>
    public bool IsDue(string reason)
    {
        var now = MonotonicClock.NowNs(time);
        while (true)
        {
            if (_loggedAt.TryAdd(reason, now))
            {
                return true;
            }

            if (!_loggedAt.TryGetValue(reason, out var before) || now - before < QuietNs)
            {
                return false;
            }

            if (_loggedAt.TryUpdate(reason, now, before))
            {
                return true;
            }
        }
    }
}
