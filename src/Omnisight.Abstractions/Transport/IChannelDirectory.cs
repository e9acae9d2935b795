namespace Omnisight;

/// <summary>A transport that can tell which channels of its instance exist, whoever made them.</summary>
public interface IChannelDirectory : ITransport
{
    /// <summary>The channels there are now. What can't be read is listed with its state saying why.</summary>
    IReadOnlyList<ChannelEntry> ListChannels();
}

/// <summary>A channel that exists.</summary>
public sealed record ChannelEntry
{
    /// <summary>The channel's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its message id with version; empty when the transport does not record it.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>The scheme of the transport it was found on; the host fills it in.</summary>
    public string Transport { get; init; } = "";

    /// <summary>Where the writer's process keeps its FIFOs and documents, for clients in another environment; empty when the transport does not record it.</summary>
    public string RuntimeDirectory { get; init; } = "";

    /// <summary>The file, or whatever else an operator can look at.</summary>
    public string Path { get; init; } = "";

    /// <summary>live, closed, gone, or what is wrong with it.</summary>
    public string State { get; init; } = "";

    /// <summary>The writer's process; 0 = unknown.</summary>
    public int WriterPid { get; init; }

    /// <summary>The writer's epoch; 0 = unknown.</summary>
    public ulong Epoch { get; init; }

    /// <summary>The newest value's number.</summary>
    public ulong Sequence { get; init; }

    /// <summary>When the newest value was published (CLOCK_MONOTONIC ns); 0 = unknown.</summary>
    public long PublishedMonoNs { get; init; }

    /// <summary>The newest value's payload in bytes.</summary>
    public long PayloadBytes { get; init; }

    /// <summary>What the channel takes in memory or on disk, in bytes.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Newest value, or each message once.</summary>
    public Delivery Delivery { get; init; }

    /// <summary>Expected time between values; zero = events or unknown.</summary>
    public TimeSpan Period { get; init; }
}
