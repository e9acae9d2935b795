namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>What a chance is drawn for: keeps independent draws independent.</summary>
internal enum Draw
{
    Life,
    Miss,
    Jitter,
    Confidence,
    FalseAlarm,
}
