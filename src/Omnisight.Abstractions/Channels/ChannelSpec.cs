namespace Omnisight;

/// <summary>What both ends of a channel must agree on, and how its freshness is judged. Immutable.</summary>
public sealed record ChannelSpec
{
    /// <summary>The channel's name.</summary>
    public required ChannelName Name { get; init; }

    /// <summary>
    /// The payload's message id with its version, for example <c>omnisight.detections/2</c>. A reader refuses a
    /// channel whose id has another name; the version is the codec's business.
    /// </summary>
    public required string MessageId { get; init; }

    /// <summary>Newest value, or each message once.</summary>
    public Delivery Delivery { get; init; } = Delivery.Latest;

    /// <summary>Expected time between values; zero = events, judged by the writer's liveness alone.</summary>
    public TimeSpan Period { get; init; }

    /// <summary>Older than this, the last good value is no longer served. Default 5 s.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many elements (objects, tracks, ...) a value may hold; informational for a transport.</summary>
    public int Capacity { get; init; }

    /// <summary>The largest payload in bytes that a publisher of this channel will ever offer.</summary>
    public int MaxPayloadBytes { get; init; }

    /// <summary>The channel's name in files, where it differs from <see cref="Name"/> (the commands channel is <c>cmd</c>).</summary>
    public string ResourceName { get => field ?? Name.Value; init; }

    /// <summary>A value older than this is shown as stale: the larger of 500 ms and three periods.</summary>
    public TimeSpan StaleThreshold => Period * 3 > MinimumStaleThreshold ? Period * 3 : MinimumStaleThreshold;

    /// <summary>Below half a second a scheduling hiccup would read as staleness.</summary>
    private static readonly TimeSpan MinimumStaleThreshold = TimeSpan.FromMilliseconds(500);
}
