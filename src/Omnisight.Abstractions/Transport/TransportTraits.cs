namespace Omnisight;

/// <summary>What a transport can do; the kernel checks it when it wires a channel.</summary>
public sealed record TransportTraits
{
    /// <summary>Binary or JSON payloads.</summary>
    public required PayloadEncoding Encoding { get; init; }

    /// <summary>It can carry Latest channels.</summary>
    public bool Latest { get; init; }

    /// <summary>It can carry Stream channels.</summary>
    public bool Stream { get; init; }

    /// <summary>How many readers a channel may have at once.</summary>
    public int MaxReaders { get; init; } = int.MaxValue;

    /// <summary>Readers learn epoch and sequence, so gaps and restarts show.</summary>
    public bool Sequenced { get; init; } = true;

    /// <summary>The payload version to write, where the transport's options fix one (for readers built on an older layout); else null = the newest.</summary>
    public int? PayloadVersion { get; init; }
}
