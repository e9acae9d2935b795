namespace Omnisight.Messages;

/// <summary>How bad it would be. Other numbers are legal, survive a round trip and print as <c>unknown(N)</c>.</summary>
public enum Severity : uint
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Low.</summary>
    Low,

    /// <summary>Medium.</summary>
    Medium,

    /// <summary>High.</summary>
    High,

    /// <summary>Critical.</summary>
    Critical,
}
