using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Composition;

namespace Omnisight.Kernel.Wiring;

/// <summary>What the transports say exists, each asked by itself: one that throws is left out and told, and the others answer. Thread-safe.</summary>
internal sealed class ChannelDirectories(TransportCatalog transports, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _loggedAt = new(StringComparer.Ordinal);

    /// <summary>The channels by the scheme of the transport that knows them, in the order of the schemes.</summary>
    public IReadOnlyList<ChannelEntry> List()
    {
        var found = new List<ChannelEntry>();
        foreach (var scheme in transports.Schemes)
        {
            if (transports.TryGet(scheme, out var transport) && transport is IChannelDirectory directory)
            {
                found.AddRange(List(scheme, directory));
            }
        }

        return found;
    }

    private IReadOnlyList<ChannelEntry> List(string scheme, IChannelDirectory directory)
    {
        try
        {
            return [.. directory.ListChannels().Select(e => e with { Name = ChannelPlanner.ChannelOfResource(e.Name), Transport = scheme })];
        }
        catch (Exception e)
        {
            if (IsDue(scheme))
            {
                logger.ListingFailed(scheme, $"{e.GetType().Name}: {e.Message}");
            }

            return [];
        }
    }

    private bool IsDue(string scheme)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_loggedAt.TryGetValue(scheme, out var last) && time.GetElapsedTime(last, now) < LogInterval)
            {
                return false;
            }

            _loggedAt[scheme] = now;
            return true;
        }
    }
}
