namespace Omnisight.Kernel.Configuration;

/// <summary>What became of a change.</summary>
public sealed record ConfigUpdateResult
{
    /// <summary>True when it was valid as a whole (and, unless it was a dry run, is in force now).</summary>
    public bool Accepted => Errors.Count == 0;

    /// <summary>The plugins (or kernel sections) it concerns.</summary>
    public IReadOnlyList<string> Sections { get; init; } = [];

    /// <summary>The keys whose value is another now.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>Those of them that take effect only at the next start.</summary>
    public IReadOnlyList<string> RestartRequired { get; init; } = [];

    /// <summary>Everything that is wrong; then nothing was changed.</summary>
    public IReadOnlyList<ConfigError> Errors { get; init; } = [];

    /// <summary>With errors: <c>pinned</c> when that is all that is wrong, else the first error's code.</summary>
    public string? Code => Errors.Count == 0 ? null : (Errors.FirstOrDefault(e => e.Code != "pinned") ?? Errors[0]).Code;
}
