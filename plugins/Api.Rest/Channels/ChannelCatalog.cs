namespace Omnisight.Api.Rest.Channels;

/// <summary>The list of channels, asked from the transports at most twice a second however many clients want it; while one asks, the others take the last.</summary>
internal sealed class ChannelCatalog(IModuleContext context)
{
    private const long KeepNs = 500_000_000;

    /// <summary>Older than this, a list says too little: everyone waits for the next.</summary>
    private const long TooOldNs = 2_000_000_000;
    private readonly Lock _asking = new();
    private volatile Listing? _last;

    private sealed record Listing(IReadOnlyList<ChannelEntry> Entries, long AskedNs);

    public IReadOnlyList<ChannelEntry> Entries
    {
        get
        {
            var last = _last;
            var age = last is null ? long.MaxValue : MonotonicClock.NowNs(context.Time) - last.AskedNs;
            if (age <= KeepNs)
            {
                return last!.Entries;
            }

            if (_asking.TryEnter())
            {
                try
                {
                    return Ask();
                }
                finally
                {
                    _asking.Exit();
                }
            }

            if (age <= TooOldNs)
            {
                return last!.Entries;
            }

            lock (_asking)
            {
                return Ask();
            }
        }
    }

    public ChannelEntry? Find(string name) => Entries.FirstOrDefault(e => e.Name == name);

    private IReadOnlyList<ChannelEntry> Ask()
    {
        var now = MonotonicClock.NowNs(context.Time);
        if (_last is not { } last || now - last.AskedNs > KeepNs)
        {
            _last = last = new Listing(context.ListChannels(), now);
        }

        return last.Entries;
    }
}
