namespace Omnisight.Cli.Bench;

/// <summary>Durations in nanoseconds, all of them kept.</summary>
internal sealed class Durations
{
    private readonly List<long> _all = [];
    private bool _sorted;

    public int Count => _all.Count;

    public void Add(long nanoseconds)
    {
        _all.Add(nanoseconds);
        _sorted = false;
    }

    /// <summary>The duration that the given share (0..1) of all does not exceed.</summary>
    public double At(double share)
    {
        if (!_sorted)
        {
            _all.Sort();
            _sorted = true;
        }

        return _all[Math.Clamp((int)Math.Ceiling(share * _all.Count) - 1, 0, _all.Count - 1)];
    }
}
