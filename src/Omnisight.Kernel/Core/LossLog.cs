using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel.Core;

/// <summary>Tells of values that publishers could not publish, once a minute for each channel. One thread.</summary>
internal sealed class LossLog(PublisherTable publishers, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (long Told, long At)> _told = new(StringComparer.Ordinal);

    /// <summary>Looks at the counters.</summary>
    public void Tell()
    {
        var now = time.GetTimestamp();
        foreach (var publisher in publishers.All)
        {
            var lost = Volatile.Read(ref publisher.Counters.Lost);
            var name = publisher.Channel.Name.Value;
            var known = _told.GetValueOrDefault(name);
            if (lost > known.Told && (known.At == 0 || time.GetElapsedTime(known.At, now) >= Interval))
            {
                logger.ValuesLost(name, lost - known.Told);
                _told[name] = (lost, now);
            }
        }
    }
}
