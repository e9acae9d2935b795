namespace Omnisight.Transport.Shm;

/// <summary>Which region a reader looks at: attaches, checks it twice a second, and goes over to the one that took its place.</summary>
internal sealed class RegionAttachment(string path, RegionTrust trust, string messageId, bool map)
{
    private const long CheckNs = 500_000_000;
    private const long FirstRetryNs = 100_000_000;
    private const long LastRetryNs = 500_000_000;

    private long _retryNs = FirstRetryNs;
    private bool _rejectionIsNew;
    private byte[]? _buffer;

    public string Path => path;

    /// <summary>The region; null while there is none that may be read.</summary>
    public RegionView? View { get; private set; }

    /// <summary>The view's.</summary>
    public IRing? Ring { get; private set; }

    /// <summary>Why what lies at the path is not <see cref="View"/>, nor may take its place.</summary>
    public Rejection Rejection { get; private set; }

    /// <summary>When <see cref="Maintain"/> is due.</summary>
    public long NextCheckNs { get; private set; }

    /// <summary>Another view of the same path.</summary>
    public RegionAttachment Twin() => new(path, trust, messageId, map);

    /// <summary>Attaches, or checks what is attached.</summary>
    public void Maintain(long now)
    {
        if (View is { } view)
        {
            var rejection = view.Recheck(trust);
            if (!rejection.IsNone)
            {
                Detach(rejection);
            }
        }

        if (View is null || View.IsReplacedAt(path))
        {
            Attach();
        }
        else
        {
            Refuse(Rejection.None);
        }

        Schedule(now);
    }

    /// <summary>Lets go of the region, and says why.</summary>
    public void Detach(Rejection rejection)
    {
        Release(keepAddresses: false);
        Refuse(rejection);
        NextCheckNs = 0;
        _retryNs = FirstRetryNs;
    }

    /// <summary>The rejection of the last look, once.</summary>
    public Rejection TakeRejection()
    {
        if (!_rejectionIsNew)
        {
            return Rejection.None;
        }

        _rejectionIsNew = false;
        return Rejection;
    }

    public void Release(bool keepAddresses)
    {
        _buffer = (Ring as PreadRing)?.Buffer ?? _buffer;
        View?.Release(keepAddresses);
        (View, Ring) = (null, null);
    }

    private void Attach()
    {
        var view = RegionView.TryOpen(path, trust, messageId, map, _buffer, out var rejection);
        if (view is not null)
        {
            Release(keepAddresses: false);
            (View, Ring) = (view, view.Ring);
            Rejection = Rejection.None;
            _retryNs = FirstRetryNs;
        }
        else
        {
            Refuse(rejection);
        }
    }

    private void Refuse(Rejection rejection)
    {
        _rejectionIsNew = !rejection.IsNone && (rejection != Rejection || _rejectionIsNew);
        Rejection = rejection;
    }

    private void Schedule(long now)
    {
        NextCheckNs = now + (View is null ? _retryNs : CheckNs);
        _retryNs = View is null ? Math.Min(_retryNs * 2, LastRetryNs) : FirstRetryNs;
    }
}
