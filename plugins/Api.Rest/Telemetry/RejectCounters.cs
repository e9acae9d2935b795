using System.Collections.Concurrent;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Requests that were turned away, by reason.</summary>
internal sealed class RejectCounters
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public void Count(string reason) => _ = _counts.AddOrUpdate(reason, 1, static (_, n) => n + 1);

    public IEnumerable<KeyValuePair<string, long>> All => _counts;
}
