using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Omnisight.Commands;

/// <summary>Logs each kind of refusal at most once a minute: a sender must not be able to fill the log. Thread-safe.</summary>
internal sealed class RejectLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    public void Rejected(string code, string type, string message)
    {
        if (IsDue(code, out var suppressed))
        {
            CommandLog.Rejected(logger, code, type, message, suppressed);
        }
    }

    public void AckDropped(string? replyTo, PublishResult result)
    {
        if (IsDue("ack", out var suppressed))
        {
            CommandLog.AckDropped(logger, replyTo ?? "the shared channel", result, suppressed);
        }
    }

    private bool IsDue(string name, out long suppressed)
    {
        var kind = _kinds.GetOrAdd(name, static _ => new Kind());
        lock (kind)
        {
            var now = time.GetTimestamp();
            if (kind.Logged is { } last && time.GetElapsedTime(last, now) < Quiet)
            {
                kind.Suppressed++;
                suppressed = 0;
                return false;
            }

            kind.Logged = now;
            (suppressed, kind.Suppressed) = (kind.Suppressed, 0);
            return true;
        }
    }

    private sealed class Kind
    {
        public long? Logged { get; set; }

        public long Suppressed { get; set; }
    }
}
