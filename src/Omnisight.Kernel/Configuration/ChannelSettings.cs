namespace Omnisight.Kernel.Configuration;

/// <summary>What configuration says of one channel; null = it says nothing, and the message's own default counts.</summary>
public sealed record ChannelSettings
{
    /// <summary>The channel.</summary>
    public required string Name { get; init; }

    /// <summary>The scheme of its transport.</summary>
    public string? Transport { get; init; }

    /// <summary>The plugin that publishes it.</summary>
    public string? Publisher { get; init; }

    /// <summary>The message it carries, with or without version, for a channel that is no message's default.</summary>
    public string? Message { get; init; }

    /// <summary>Older than this, its value is no longer served.</summary>
    public TimeSpan? StaleAfter { get; init; }

    /// <summary>Expected time between values.</summary>
    public TimeSpan? Period { get; init; }

    /// <summary>How many elements a value may hold.</summary>
    public int? Capacity { get; init; }

    /// <summary>The payload version to write.</summary>
    public int? Version { get; init; }
}
