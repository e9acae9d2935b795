namespace Omnisight.Commands;

/// <summary>A key as it is stored: never the token itself.</summary>
public sealed record AccessKey
{
    /// <summary>The public part of the token.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the token, hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What it allows.</summary>
    public required IReadOnlyList<CommandScope> Scopes { get; init; }

    /// <summary>Unix epoch milliseconds of its making.</summary>
    public long CreatedMs { get; init; }

    /// <summary>Unix epoch milliseconds from when it is refused; null = never.</summary>
    public long? ExpiresMs { get; init; }

    /// <summary>True when it carries the scope. Admin carries all.</summary>
    public bool Allows(CommandScope scope) => Scopes.Contains(scope) || Scopes.Contains(CommandScope.Admin);
}
