namespace Omnisight.Kernel.Supervision;

/// <summary>How long to wait before the next try: 1 s, doubled up to 60 s, for ever; from the start again after 60 s of health.</summary>
internal sealed class BackOff
{
    /// <summary>The first pause.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>Whoever ran this long is healthy: what follows is a new trouble.</summary>
    public static readonly TimeSpan Healthy = TimeSpan.FromSeconds(60);

    private TimeSpan _next = Shortest;

    /// <summary>The pause after a run of this length.</summary>
    public TimeSpan After(TimeSpan ran)
    {
        var pause = ran >= Healthy ? Shortest : _next;
        _next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }
}
