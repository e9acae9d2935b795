using System.Runtime.CompilerServices;

namespace Omnisight.Messages;

/// <summary>Room for a timeline's interventions.</summary>
[InlineArray(Length)]
public struct InterventionSlots
{
    /// <summary>How many at most.</summary>
    public const int Length = 10;

    private InterventionPoint _element0;
}
