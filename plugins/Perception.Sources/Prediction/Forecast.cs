using System.Numerics;
using Omnisight.Messages;

namespace Omnisight.Perception.Prediction;

/// <summary>One thing that may happen.</summary>
internal sealed record Forecast
{
    public required EventType Type { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>In how many seconds.</summary>
    public required double InSeconds { get; init; }

    public required float Probability { get; init; }

    /// <summary>Where in the image, 0..1.</summary>
    public required Vector2 Location { get; init; }

    /// <summary>Who, the most concerned first.</summary>
    public required IReadOnlyList<uint> Involved { get; init; }

    public required string Description { get; init; }

    /// <summary>Probability times severity (critical = 1).</summary>
    public float Threat => Probability * (uint)Severity / (uint)Severity.Critical;
}
