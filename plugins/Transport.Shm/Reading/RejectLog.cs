using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>Counts rejections, and logs each kind at most once a minute: a writer of bad frames may be fast.</summary>
internal sealed class RejectLog(ILogger logger, string channel, ChannelCounters counters, Clock clock)
{
    private const long PauseNs = 60_000_000_000;

    private readonly long[] _next = new long[Enum.GetValues<RejectReason>().Length];
    private long _nextReopening;

    public void Count(in Rejection rejection)
    {
        counters.CountReject(rejection.Reason);
        if (IsDue(ref _next[(int)rejection.Reason]))
        {
            Log.Rejected(logger, channel, rejection);
        }
    }

    /// <summary>A region that may not be read at all.</summary>
    public void CountRefusal(string path, in Rejection rejection)
    {
        counters.CountReject(rejection.Reason);
        if (!IsDue(ref _next[(int)rejection.Reason]))
        {
            return;
        }

        if (rejection.Reason == RejectReason.Unreadable)
        {
            Log.Unreadable(logger, channel, path, rejection);
        }
        else
        {
            Log.Refused(logger, channel, path, rejection);
        }
    }

    public void Reopening(string path, int count, in Rejection rejection)
    {
        if (IsDue(ref _nextReopening))
        {
            Log.Reopening(logger, channel, path, count, rejection);
        }
    }

    private bool IsDue(ref long next)
    {
        var now = clock.NowNs();
        if (now < next)
        {
            return false;
        }

        next = now + PauseNs;
        return true;
    }
}
