using System.Text.Json;

namespace Omnisight;

/// <summary>A request to the core. Immutable; <see cref="Data"/> stays valid as long as the command.</summary>
public sealed record Command
{
    /// <summary>What to do: PING, CONFIG_UPDATE, or a name a plugin registered. <c>[A-Z0-9_.]{1,64}</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The sender's id of this request; the same id is executed once.</summary>
    public required string RequestId { get; init; }

    /// <summary>Unix epoch milliseconds of the sender, for display.</summary>
    public long TimestampMs { get; init; }

    /// <summary>The arguments: a JSON object, or Undefined.</summary>
    public JsonElement Data { get; init; }

    /// <summary>Where the acknowledgement goes; null = the shared one.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>The epoch of the core that the sender means; null = whichever runs.</summary>
    public ulong? Epoch { get; init; }
}
