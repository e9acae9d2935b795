namespace Omnisight.Api.Rest.Channels;

/// <summary>The list of channels, asked from the transports at most twice a second however many clients want it.</summary>
internal sealed class ChannelCatalog(IModuleContext context)
{
    private const long KeepNs = 500_000_000;
    private readonly Lock _asking = new();
    private IReadOnlyList<ChannelEntry> _entries = [];
    private long _askedNs = long.MinValue / 2;

    public IReadOnlyList<ChannelEntry> Entries
    {
        get
        {
            lock (_asking)
            {
                var now = MonotonicClock.NowNs(context.Time);
                if (now - _askedNs > KeepNs)
                {
                    _entries = context.ListChannels();
                    _askedNs = now;
                }

                return _entries;
            }
        }
    }

    public ChannelEntry? Find(string name) => Entries.FirstOrDefault(e => e.Name == name);
}
