namespace Omnisight.Commands;

/// <summary>One line of the audit log. Never holds a token.</summary>
public sealed record AuditEntry
{
    /// <summary>Where it came in: command, http, cli, kernel.</summary>
    public required string Source { get; init; }

    /// <summary>What was asked: a command type, a method and path, <c>plugin_refused</c>.</summary>
    public required string Action { get; init; }

    /// <summary>success, or the code of the refusal.</summary>
    public required string Outcome { get; init; }

    /// <summary>The id of the key that was shown; null = none, or none that is known.</summary>
    public string? KeyId { get; init; }

    /// <summary>The request's id.</summary>
    public string? RequestId { get; init; }

    /// <summary>The inbox that a command wanted its answer in.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Whatever else identifies the sender or the matter: what a change changed.</summary>
    public string? Detail { get; init; }
}
