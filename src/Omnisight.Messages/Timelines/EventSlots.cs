using System.Runtime.CompilerServices;

namespace Omnisight.Messages;

/// <summary>Room for a timeline's events.</summary>
[InlineArray(Length)]
public struct EventSlots
{
    /// <summary>How many at most.</summary>
    public const int Length = 20;

    private PredictedEvent _element0;
}
