using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>Counts rejections, and logs each kind at most once a minute.</summary>
internal sealed class RejectLog(ILogger logger, string channel, ChannelCounters counters, Clock clock)
{
    private const long PauseNs = 60_000_000_000;

    private readonly long[] _next = new long[Enum.GetValues<RejectReason>().Length];

    public void Count(in Rejection rejection)
    {
        counters.CountReject(rejection.Reason);
        if (IsDue(rejection.Reason))
        {
            Log.Rejected(logger, channel, rejection);
        }
    }

    /// <summary>A region that may not be read at all.</summary>
    public void CountRefusal(string path, in Rejection rejection)
    {
        counters.CountReject(rejection.Reason);
        if (!IsDue(rejection.Reason))
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

    public void Reopening(string path, int count, in Rejection rejection) => Log.Reopening(logger, channel, path, count, rejection);

    private bool IsDue(RejectReason reason)
    {
        var now = clock.NowNs();
        if (now < _next[(int)reason])
        {
            return false;
        }

        _next[(int)reason] = now + PauseNs;
        return true;
    }
}
