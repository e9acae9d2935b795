using System.Collections.Concurrent;
using Omnisight.Commands;

namespace Omnisight.Api.Rest.Security;

/// <summary>Writes what was asked over HTTP, and what was refused, into the instance's audit log.</summary>
internal sealed class Audit(AuditLog log, TimeProvider time)
{
    private const int MostRemembered = 10_000;
    private const long OncePerNs = 60_000_000_000;
    private readonly ConcurrentDictionary<(string Caller, string Action, string Outcome), Repeated> _refused = new();

    private sealed class Repeated
    {
        public long ToldNs = long.MinValue / 2;
        public long Since;
    }

    public void Write(string caller, string action, string outcome, string? keyId, string? requestId = null) =>
        log.Write(new AuditEntry { Source = "http", Action = action, Outcome = outcome, KeyId = keyId, RequestId = requestId, Detail = caller });

    /// <summary>Writes a refusal; the same of the same caller once a minute with how many there were, so that nobody can turn the log over by being refused.</summary>
    public void Refused(string caller, string action, string outcome, string? keyId)
    {
        if (_refused.Count >= MostRemembered)
        {
            _refused.Clear();
        }

        var seen = _refused.GetOrAdd((caller, action, outcome), static _ => new Repeated());
        long since;
        lock (seen)
        {
            var now = MonotonicClock.NowNs(time);
            if (now - seen.ToldNs < OncePerNs)
            {
                seen.Since++;
                return;
            }

            (since, seen.Since, seen.ToldNs) = (seen.Since, 0, now);
        }

        Write(since == 0 ? caller : $"{caller}; {since} more like this since the last line", action, outcome, keyId);
    }
}
