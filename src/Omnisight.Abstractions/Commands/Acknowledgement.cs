using System.Text.Json;

namespace Omnisight;

/// <summary>The answer to one command.</summary>
public sealed record Acknowledgement
{
    /// <summary>The request this answers.</summary>
    public required string RequestId { get; init; }

    /// <summary>True = done; false = not, see <see cref="Code"/>.</summary>
    public required bool Success { get; init; }

    /// <summary>What happened, in words.</summary>
    public required string Message { get; init; }

    /// <summary>With an error: its name (bad_json, unknown_command, timeout, not_enabled, ...).</summary>
    public string? Code { get; init; }

    /// <summary>The result: a JSON object, or Undefined.</summary>
    public JsonElement Data { get; init; }

    /// <summary>Unix epoch milliseconds of the answer, for display.</summary>
    public long TimestampMs { get; init; }
}
