namespace Omnisight.Kernel.Wiring;

/// <summary>
/// What the readers of a process counted, by channel. Readers are watched weakly: a module that opens one per client and lets
/// it go must not make the ledger grow, and a wrapper around each would cost a call per frame. Thread-safe.
/// </summary>
internal sealed class ReaderLedger
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _open = [];
    private readonly Dictionary<string, ReaderTotals> _closed = new(StringComparer.Ordinal);

    public void Add(IReader reader, string scheme)
    {
        lock (_lock)
        {
            Prune();
            _open.Add(new Entry(reader.Channel.Name.Value, scheme, new WeakReference<IReader>(reader), reader.Counters));
        }
    }

    /// <summary>Totals by channel, of readers that are open and that were.</summary>
    public IReadOnlyDictionary<string, ReaderTotals> Totals()
    {
        lock (_lock)
        {
            Prune();
            var totals = new Dictionary<string, ReaderTotals>(StringComparer.Ordinal);
            foreach (var (channel, closed) in _closed)
            {
                Of(totals, channel).Add(closed);
            }

            foreach (var entry in _open)
            {
                Count(totals, entry);
            }

            return totals;
        }
    }

    private static void Count(Dictionary<string, ReaderTotals> totals, Entry entry)
    {
        var total = Of(totals, entry.Channel);
        total.Scheme = entry.Scheme;
        total.Add(entry.Counters);
    }

    private static ReaderTotals Of(Dictionary<string, ReaderTotals> totals, string channel) =>
        totals.TryGetValue(channel, out var total) ? total : totals[channel] = new ReaderTotals();

    private void Prune()
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            if (!_open[i].Reader.TryGetTarget(out _))
            {
                Count(_closed, _open[i]);
                _open.RemoveAt(i);
            }
        }
    }

    private sealed record Entry(string Channel, string Scheme, WeakReference<IReader> Reader, ChannelCounters Counters);
}
